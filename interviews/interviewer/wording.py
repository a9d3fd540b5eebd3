"""What is said of suggestions: the words are binding, since they must not say more than their grader can know."""

from collections.abc import Iterable

from interviews.interviewer.graders import LLMGrader

ABOVE = "Matched by words, not by meaning. It finds sentences about each point; you decide whether they say it."
ABOVE_MODEL = "Found by a language model, which can be wrong. You decide whether these sentences say the points."
SUGGESTION = {
    "found": "You may have said this here: «{sentence}».",
    "check": "Possibly here: «{sentence}». Check the direction.",
    "not_found": "We found no matching sentence. You may have said it in other words.",
}
NOT_IN_ANSWER = "These words aren’t in the answer. Copy them from it exactly."


def above(suggestions: Iterable) -> str:
    """What stands above the suggestions of one answer."""
    by_model = any(one.grader == LLMGrader.name for one in suggestions)
    return ABOVE_MODEL if by_model else ABOVE
