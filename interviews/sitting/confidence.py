"""How sure somebody is of an answer, in six steps."""

CONFIDENCE_WORDS = {
    20: "a guess",
    40: "unsure",
    60: "leaning",
    80: "fairly sure",
    90: "sure",
    99: "certain",
}
CONFIDENCES = list(CONFIDENCE_WORDS)
