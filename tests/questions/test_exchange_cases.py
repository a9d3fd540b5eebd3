"""Files cut from real public ones, each with its right outcome, and siblings of each."""

from pathlib import Path

import pytest

from tests.questions.factories import make_topic
from tests.questions.test_exchange import ENTRY, SUBTOPICS, options, reading_of, topics, xml_question  # noqa: F401

CASES = Path(__file__).parent / "exchange_cases"

pytestmark = pytest.mark.usefixtures("topics")


def case(name: str):
    return reading_of((CASES / name).read_bytes(), name)


def only(reading):
    assert [str(fault) for fault in reading.faults] == []
    (question,) = reading.incoming
    return question


def notes(reading) -> list[str]:
    return [remark.why for remark in reading.notes]


def test_empty_formula_goes_and_makes_dollars_maths():
    reading = case("01-moodlexport-empty-formula.xml")
    question = only(reading)
    assert question.entry["prompt"] == (
        r"Let $f(x) = e^x + 0.5 \Vert x \Vert^2$. Is every symmetric matrix invertible?"
    )
    assert [text for text, _, _ in options(question.entry)] == ["Yes", "No"]
    assert notes(reading) == []


def test_one_cloze_is_left_out_and_the_others_are_read():
    reading = case("03-one-cloze-refuses-the-file.gift")
    assert [question.entry["title"] for question in reading.incoming] == ["Q1", "Q3"]
    assert [(remark.line, remark.about, remark.why) for remark in reading.skipped] == [
        (3, "Q2", "not supported: there is no format for gaps in a text")
    ]
    assert reading.faults == []


@pytest.mark.parametrize(
    "answers",
    [
        *("{~when~=that~who}", "{~when ~ =that ~who}", "{ ~when\n~=that\n~who }"),
        *("{~when =that ~who}", "{~when =~that~who}"),
    ],
)
def test_right_answer_written_with_both_marks_is_right(answers):
    question = only(reading_of(f"::R1:: The test set is the one {answers} nobody has looked at."))
    assert [(text, right) for text, right, _ in options(question.entry)] == [
        ("when", False),
        ("that", True),
        ("who", False),
    ]
    assert question.entry["prompt"] == "The test set is the one _____ nobody has looked at."


def test_file_of_the_case_with_both_marks():
    assert options(only(case("04-tilde-equals.gift")).entry)[1] == ("that", True, "")


def test_text_without_braces_is_said_to_be_descriptions_with_a_hint():
    reading = case("05-not-gift-a.txt")
    (fault,) = reading.faults
    assert fault.line == 0
    assert fault.why == (
        "There is nothing to load: 3 descriptions. In GIFT, answers go in braces: Which is right? {=this one ~that one}"
    )
    assert [remark.why for remark in reading.skipped] == ["a description, not a question"] * 3


AIKEN = """What is Miniconda?
A. A language
B) A small distribution of Python
ANSWER: B

What does %env do,
in a notebook?
A. sets \\(x_1\\)

B. runs a file
ANSWER: A
"""


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_aiken_is_read(mark):
    reading = reading_of(mark + AIKEN.replace("\n", "\r\n"), "quiz.txt")
    assert reading.faults == []
    first, second = (question.entry for question in reading.incoming)
    assert options(first) == [("A language", False, ""), ("A small distribution of Python", True, "")]
    assert (first["prompt"], first["format"]) == ("What is Miniconda?", "single_choice")
    assert second["prompt"] == "What does %env do,\nin a notebook?"
    assert options(second)[0] == ("sets $x_1$", True, "")


@pytest.mark.parametrize(
    ("wrong", "line", "why"),
    [
        ("Which?\nA. a\nB. b\nANSWER: C\n", 1, "a line “ANSWER: ”"),
        ("Which?\nA. a\nB. b\n\nAnd which?\nA. a\nB. b\nANSWER: A\n", 1, "a line “ANSWER: ”"),
        ("Which?\nA. a\nANSWER: A\n", 1, "two answers"),
        ("Which?\nA. a\nA. b\nANSWER: A\n", 1, "a letter of its own"),
        ("A. a\nB. b\nANSWER: A\n", 1, "no question above"),
        ("Which?\nA. a\nB. b\nANSWER: A\nThe rest\n", 5, "two answers"),
    ],
)
def test_faulty_aiken_question_costs_only_itself(wrong, line, why):
    reading = reading_of(f"{wrong}\n{AIKEN}" if not wrong.endswith("rest\n") else wrong, "quiz.txt")
    assert [fault.line for fault in reading.faults] == [line]
    assert why in reading.faults[0].why
    assert reading.incoming


@pytest.mark.parametrize(
    ("select", "note"),
    [
        ("<selecttype>RANDOM</selecttype><selectcount>3</selectcount>", "3 of the 4 steps, picked at random"),
        ("<selecttype>2</selecttype><selectcount>2</selectcount>", "2 of the 4 steps, in a row"),
        ("<selecttype>ALL</selecttype><selectcount>3</selectcount>", None),
        ("<selecttype>RANDOM</selecttype><selectcount>4</selectcount>", None),
        ("<selecttype>RANDOM</selecttype><selectcount>x</selectcount>", None),
    ],
)
def test_ordering_of_a_subset_is_noted(select, note):
    source = (CASES / "06-ordering-subset.xml").read_text()
    reading = reading_of(
        source.replace("<selecttype>RANDOM</selecttype><selectcount>3</selectcount>", select), "quiz.xml"
    )
    assert only(reading).entry["steps"] == ["SELECT", "FROM", "WHERE", "GROUP BY"]
    assert [note in text for text in notes(reading)] == ([True] if note else [])


def test_question_with_its_image_names_what_is_missing():
    question = only(case("09-image-only-question.xml"))
    assert question.entry["prompt"] == "Which curve is better?\n\n[image “roc.png”]"
    assert question.lacks == ["image “roc.png”"]


def test_image_inside_the_text_has_no_name_but_what_describes_it():
    source = '<img src="data:image/png;base64,iVBORw0KGgo/AAA="> or <img alt="ROC" src="data:image/png;base64,/w==">?'
    text = f"<questiontext format='html'><text><![CDATA[{source}]]></text></questiontext>"
    question = only(reading_of(xml_question(text, "essay"), "quiz.xml"))
    assert question.entry["prompt"] == "[image] or [image “ROC”]?"


def test_image_in_feedback_is_a_loss_but_nothing_that_is_asked():
    reading = reading_of('[html]a {T#no#<img src\\="a.png"> yes}')
    assert only(reading).lacks == []
    assert notes(reading) == ["the image “a.png” is dropped"]


@pytest.mark.parametrize(
    ("inside", "note"),
    [
        ("<shuffleanswers>0</shuffleanswers>", "the options are shown in a different order each time"),
        ("<shuffleanswers>1</shuffleanswers>", None),
        ("<correctfeedback><text>Well done, Ada.</text></correctfeedback>", "the overall feedback"),
        ("<correctfeedback><text>Your answer is correct.</text></correctfeedback>", None),
        ("<hint><text>Think.</text></hint>", "the hints are not kept"),
    ],
)
def test_what_moodle_has_and_we_have_not_is_noted(inside, note):
    answers = '<answer fraction="100"><text>a</text></answer><answer fraction="0"><text>b</text></answer>'
    source = xml_question(f"<questiontext><text>Which?</text></questiontext>{inside}{answers}", "multichoice")
    reading = reading_of(source, "quiz.xml")
    assert only(reading).entry["prompt"] == "Which?"
    assert [note in text for text in notes(reading)] == ([True] if note else [])


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("iso-8859-1", "ISO-8859-1"),
        ("windows-1252", "windows-1252"),
        ("utf-16", "UTF-16"),
        ("utf-8-sig", "UTF-8"),
        ("utf-8-sig", "ISO-8859-1"),  # the mark is of the editor that has saved it last
        ("utf-8", "utf-8"),
    ],
)
def test_xml_is_read_in_the_encoding_that_it_declares(encoding, declared):
    source = xml_question("<questiontext><text>Où est Zoë?</text></questiontext>", "essay")
    file = f'<?xml version="1.0" encoding="{declared}"?>\n{source}'.encode(encoding)
    assert only(reading_of(file, "quiz.xml")).entry["prompt"] == "Où est Zoë?"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_gift_is_read_with_and_without_a_mark_of_its_encoding(encoding):
    assert only(reading_of("::Ä:: Größe? {T}".encode(encoding))).entry["title"] == "Ä"


def test_catalog_file_with_a_mark_is_read():
    assert only(reading_of(b"\xef\xbb\xbf" + ENTRY.format(slug="a", topic="coding").encode(), "q.yaml"))


@pytest.mark.parametrize(
    ("source", "name", "why"),
    [
        ("One\n\nTwo\n\nThree", "quiz.gift", "There is nothing to load: 3 descriptions. In GIFT"),
        ("$CATEGORY: a\n\n$CATEGORY: b", "quiz.gift", "There is nothing to load: 2 categories."),
        ("a {=b}", "quiz.gift", "There is nothing to load: 1 question of another type."),
        (
            '<quiz><question type="category"><category><text>a</text></category></question></quiz>',
            "quiz.xml",
            "There is nothing to load: 1 category.",
        ),
        (xml_question("", "description"), "quiz.xml", "There is nothing to load: 1 description."),
    ],
)
def test_file_without_a_question_says_what_it_has(source, name, why):
    reading = reading_of(source, name)
    assert len(reading.faults) == 1
    assert reading.faults[0].why.startswith(why)
    assert reading.incoming == []


def test_faulty_questions_are_listed_and_the_others_can_be_loaded():
    make_topic(slug="coding")
    source = ENTRY.format(slug="a", topic="cooking") + ENTRY.format(slug="b", topic="coding")
    reading = reading_of(source, "q.yaml")
    assert [question.entry["slug"] for question in reading.incoming] == ["b"]
    assert [(fault.line, fault.about) for fault in reading.faults] == [(6, "a, topics")]


def test_companion_of_a_faulty_question_is_at_fault_and_so_is_its_own():
    second = ENTRY.format(slug="b", topic="coding").replace("title:", "companion_of: a\n  title:", 1)
    third = ENTRY.format(slug="c", topic="coding").replace("title:", "companion_of: b\n  title:", 1)
    source = third + ENTRY.format(slug="a", topic="cooking") + second
    reading = reading_of(source + ENTRY.format(slug="d", topic="coding"), "q.yaml")
    assert [question.entry["slug"] for question in reading.incoming] == ["d"]
    assert {fault.about for fault in reading.faults} == {"a, topics", "b, companion_of", "c, companion_of"}


def test_of_one_question_twenty_faults_are_named():
    source = ENTRY.format(slug="a", topic="coding") + "".join(f"  extra{place}: x\n" for place in range(500))
    assert len(reading_of(source, "q.yaml").faults) == 20


def test_number_that_no_database_holds_is_a_fault_wherever_it_stands():
    source = ENTRY.format(slug="a", topic="coding").replace("single_choice", "code").split("  options:")[0]
    source += "  starter: a\n  solution: b\n"
    source += "  cases:\n  - {name: x, call: f, expected: .nan, shown: true}\n  - {name: y, call: f, expected: 1}\n"
    source += "  rubric: [{point: Says it}]\n  model_answer: b\n  references: [{title: A book}]\n"
    reading = reading_of(source.replace("limit_seconds: 60", "limit_seconds: 600"), "q.yaml")
    assert reading.incoming == []
    assert "holds an infinite number or NaN, which cannot be stored" in str([fault.why for fault in reading.faults])
