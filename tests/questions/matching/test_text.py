"""questions.matching: text, quotes, weights."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.matching import quotes, text
from questions.matching.direction import Claim, is_list
from questions.matching.lexical import is_one_slip
from questions.matching.weights import Weights

WORDS = st.sampled_from(
    ["bias", "forest", "don’t", "0.5", "e.g.", ",", ".", ";", "\n", "“so”", "is", "(", ")", "ß", "İ"]
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=80).map(" ".join))


@given(TEXTS)
def test_every_word_is_in_one_sentence_and_none_is_too_long(said):
    pieces = text.sentences(said)
    assert [word for piece in pieces for word in piece] == text.words(said)
    assert all(1 <= len(piece) <= text.LONGEST_SENTENCE for piece in pieces)


@given(TEXTS)
def test_windows_lie_in_the_text_and_are_long_enough(said):
    for window in text.windows(said):
        assert 0 <= window.start < window.end <= len(said)
        assert len(window.words) >= text.SHORTEST_WINDOW
        assert said[window.start : window.end].strip() == said[window.start : window.end]


def test_a_decimal_or_an_abbreviation_ends_no_sentence():
    assert len(text.sentences("The cut-off is 0.5, e.g. for spam. Then move it.")) == 2


def test_a_negation_is_one_with_either_apostrophe():
    assert [word.is_negation for word in text.words("don't don’t not note")] == [True, True, True, False]


@given(answer=TEXTS, data=st.data())
def test_a_piece_of_the_answer_is_a_quote_of_it(answer, data):
    start = data.draw(st.integers(0, len(answer)))
    piece = answer[start : data.draw(st.integers(start, len(answer)))]
    place = quotes.place_of(piece, answer)
    if any(letter.isalnum() for letter in piece):
        assert place is not None
        assert quotes.place_of(piece, answer[place[0] : place[1]]) is not None


@pytest.mark.parametrize("quote", ["the  bias\nFALLS", "“the bias falls”", "The ‘bias’ falls", "the bias"])
def test_white_space_case_and_quotation_marks_are_folded(quote):
    answer = "I said the\tBias falls." if "‘" not in quote else 'I said the "bias" falls.'
    start, end = quotes.place_of(quote, answer)
    assert answer[start:end].lower().startswith("the")


@pytest.mark.parametrize("quote", ["", "  ", "“”", "the bias rises", "the bias  falls too"])
def test_what_was_not_said_is_no_quote(quote):
    assert quotes.place_of(quote, "I said the bias falls.") is None


@given(st.lists(TEXTS, max_size=5))
def test_rarer_stems_weigh_more_and_every_weight_is_positive(documents):
    weights = Weights.of(documents)
    by_frequency = sorted(weights.stems, key=weights.stems.get)
    assert all(weights.of_stem(known) >= 1 for known in by_frequency)
    assert sorted(map(weights.of_stem, by_frequency), reverse=True) == list(map(weights.of_stem, by_frequency))
    assert weights.of_stem("never-seen") >= max(map(weights.of_stem, by_frequency), default=1)


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("regular", "regulra", 1), ("regular", "regulr", 1), ("regular", "regulaar", 1), ("regular", "regulor", 1),
        ("regular", "regular", 0), ("regular", "irregul", 2), ("tree", "true", 0),
    ],
)  # fmt: skip
def test_one_slip_of_a_key_is_told_from_none_and_from_two(one, other, slips):
    assert is_one_slip(one, other) == is_one_slip(other, one) == (slips == 1)


@pytest.mark.parametrize(
    ("claim", "said", "doubt"),
    [
        ("more data helps", "get more data", ""),
        ("more data helps", "less data helps", "direction"),
        ("more trees are stable", "more trees are not stable", "negation"),
        ("more or less data", "less data", ""),
        ("high bias underfits", "high bias overfits", "direction"),
    ],
)
def test_signs_of_the_opposite(claim, said, doubt):
    assert Claim.of(text.words(claim)).doubt_about(Claim.of(text.words(said))) == doubt


@pytest.mark.parametrize(
    ("said", "listed"),
    [
        ("dropout, weight decay, early stopping, bagging", True),
        ("I would use dropout, and if that is too little then weight decay, or stop", False),
    ],
)
def test_names_in_a_row_are_a_list(said, listed):
    assert is_list(text.words(said), said.count(",")) == listed
