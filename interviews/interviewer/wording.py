"""What is said of suggestions: the words are binding, since they must not say more than matching by words can know."""

ABOVE = "Matched by words, not by meaning. It finds sentences about each point; you decide whether they say it."
SUGGESTION = {
    "found": "You may have said this here: «{sentence}».",
    "check": "Possibly here: «{sentence}». Check the direction.",
    "not_found": "We found no matching sentence. You may have said it in other words.",
}
NOT_IN_ANSWER = "These words aren’t in the answer. Copy them from it exactly."
