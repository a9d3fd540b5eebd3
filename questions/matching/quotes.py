"""Whether a quote occurs in an answer: white space, case and quotation marks folded, nothing else."""

QUOTATION_MARKS = set("\"'`´‘’‚‛“”„‟«»‹›′″")


def place_of(quote: str, answer: str) -> tuple[int, int] | None:
    """Where the answer has these words: `answer[start:end]`. None where it has not, and for an empty quote.

    Marks around the whole quote are the quoter's own.
    """
    wanted = "".join(letter for letter, _ in _folded(quote)).strip("' ")
    folded = _folded(answer)
    found = "".join(letter for letter, _ in folded).find(wanted) if wanted else -1
    if found < 0:
        return None
    return folded[found][1], folded[found + len(wanted) - 1][1] + 1


def _folded(text: str) -> list[tuple[str, int]]:
    """Its letters, each with the place in the text that it comes from."""
    folded: list[tuple[str, int]] = []
    for place, letter in enumerate(text):
        if letter.isspace():
            if folded and folded[-1][0] != " ":
                folded.append((" ", place))
        elif letter in QUOTATION_MARKS:
            folded.append(("'", place))
        else:
            folded += [(part, place) for part in letter.casefold()]
    return folded
