"""Whether words that somebody quotes were really said."""

from interviews.sitting.models import InterviewQuestion
from questions.matching.quotes import place_of


def is_quotable(quote: str, question: InterviewQuestion) -> bool:
    """Whether its answer or one of its follow-ups has these words; of what was only spoken nobody can tell.

    The question comes with its follow-ups (`for_results`).
    """
    said = [question, *question.follow_ups.all()]
    return any(one.has_recording or place_of(quote, one.text) for one in said)
