"""Reading other people's files; test_export.py writes for them, test_upload.py has the pages."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.exchange import gift
from questions.exchange.html_text import converted
from questions.exchange.reading import Defaults, read
from questions.models import Question
from tests.questions.factories import make_topic

SAMPLES = Path(__file__).parent / "samples"
QUIZ_XML = (SAMPLES / "quiz.xml").read_bytes()
SUBTOPICS = {"evaluation": {"ranking"}, "unsupervised": {"clustering-distances"}, "coding": set()}
UNSUPPORTED = {"Short", "Pairs", "Capital", "Gaps", "Formula"}


@pytest.fixture
def topics(db):
    for topic, subtopics in SUBTOPICS.items():
        for subtopic in subtopics:
            make_topic(slug=subtopic, parent=make_topic(slug=topic))
        make_topic(slug=topic)


def reading_of(source: str | bytes, name: str = "quiz.gift"):
    source = source.encode() if isinstance(source, str) else source
    return read(name, source, Defaults("coding", "beginner", "interest", SUBTOPICS))


def entries_of(source, name="quiz.gift") -> dict[str, dict]:
    reading = reading_of(source, name)
    assert [str(fault) for fault in reading.faults] == []
    return {question.entry["slug"]: question.entry for question in reading.incoming}


def options(entry) -> list[tuple[str, bool, str]]:
    return [(option["text"], option["right"], option["why"]) for option in entry["options"]]


# GIFT


@pytest.fixture
def gift_entries(topics):
    return entries_of((SAMPLES / "quiz.gift").read_bytes())


def test_every_gift_type_that_we_have_is_read(gift_entries):
    assert {slug: entry["format"] for slug, entry in gift_entries.items()} == {
        "kappas-chance": "single_choice",
        "a-test-set-that-was-looked-at-is-for-a-final": "single_choice",
        "threshold-free": "multiple_choice",
        "part-marks": "single_choice",
        "leave-one-out": "single_choice",
        "the-auc-of-a-coin-is-1": "single_choice",
        "folds": "numeric",
        "recall-of-a-screen": "numeric",
        "kappa-range": "numeric",
        "two-numbers": "numeric",
        "essay-drift": "free_text",
        "control-characters-which": "single_choice",
        "elbow-plot": "single_choice",
    }


def test_gift_types_that_we_do_not_have_are_named_with_their_line(topics):
    skipped = {
        remark.about: (remark.line, remark.why) for remark in reading_of((SAMPLES / "quiz.gift").read_bytes()).skipped
    }
    assert skipped["Short"] == (
        63,
        "not supported: a short answer is compared letter by letter; ask for a number or a choice",
    )
    assert skipped["Pairs"] == (65, "not supported: there is no format for matching pairs")
    assert "a description, not a question" in skipped["The next questions are about clusters."][1]


def test_gift_options_keep_their_order_feedback_and_rightness(gift_entries):
    assert options(gift_entries["kappas-chance"]) == [
        ("agreement by chance", True, "Right: that is what the expected table holds."),
        ("agreement on rare classes", False, "Those count like any other."),
        ("agreement between three raters", False, ""),
    ]
    assert [right for _, right, _ in options(gift_entries["threshold-free"])] == [True, True, False, False]


def test_gift_part_marks_count_as_wrong_and_are_noted(topics, gift_entries):
    assert [right for _, right, _ in options(gift_entries["part-marks"])] == [False, False, True]
    notes = [str(note) for note in reading_of((SAMPLES / "quiz.gift").read_bytes()).notes]
    assert "line 24: Part marks: part marks are not kept: only the full mark counts as right" in notes


def test_gift_true_or_false_is_a_choice_with_its_feedback_on_the_right_side(gift_entries):
    entry = gift_entries["leave-one-out"]
    assert options(entry) == [("True", True, "Yes."), ("False", False, "It leaves out each case once.")]
    assert entry["model_answer"] == "It costs n fits."
    assert [right for _, right, _ in options(gift_entries["the-auc-of-a-coin-is-1"])] == [False, True]


@pytest.mark.parametrize(
    ("slug", "value", "tolerance"),
    [("folds", 10, 0), ("recall-of-a-screen", 0.8, 0.01), ("kappa-range", 0.4, 0.01), ("two-numbers", 4, 0)],
)
def test_gift_numbers_are_read_with_tolerance_and_range(gift_entries, slug, value, tolerance):
    answer = gift_entries[slug]["answer"]
    assert (answer["value"], answer["tolerance"]) == (value, pytest.approx(tolerance))


def test_gift_missing_word_becomes_a_blank(gift_entries):
    prompt = gift_entries["a-test-set-that-was-looked-at-is-for-a-final"]["prompt"]
    assert prompt == "A test set that was looked at is _____ for a final estimate."


def test_gift_escapes_stand_for_their_characters(gift_entries):
    entry = gift_entries["control-characters-which"]
    assert entry["title"] == "Control characters: which?"
    assert entry["prompt"] == "Which sum is 5 in set {1, 2, 3}?"
    assert [text for text, _, _ in options(entry)] == ["= 1 + 2", "= 2 + 3", "50 ~ # \\ x"]


def test_gift_format_tags_turn_html_into_markdown(gift_entries):
    assert gift_entries["essay-drift"]["prompt"] == "How would you notice **drift**?\n\nThink of $p(x)$ and `ks_2samp`."
    assert gift_entries["part-marks"]["prompt"] == "What does **recall** divide by?"


def test_gift_categories_ids_and_tags_place_the_question(gift_entries):
    assert gift_entries["folds"]["topics"] == ["evaluation"]
    entry = gift_entries["elbow-plot"]
    assert (entry["topics"], entry["subtopic"]) == (["unsupervised"], "clustering-distances")
    assert (entry["level"], entry["category"]) == ("advanced", "product")
    assert entry["prompt"] == "What is on the y axis of an elbow plot?\n\nSay what you look for."


def test_what_the_file_does_not_say_is_what_was_chosen(topics):
    entry = entries_of("Is it so? {T}")["is-it-so"]
    assert (entry["topics"], entry["level"], entry["category"]) == (["coding"], "beginner", "interest")


def test_two_questions_of_one_name_get_slugs_of_their_own(topics):
    assert list(entries_of("::A name:: a {T}\n\n::A name:: b {F}")) == ["a-name", "a-name-2"]


def test_name_without_a_latin_letter_gets_a_slug_that_stays(topics):
    (first,), (second,) = entries_of("::偏差:: a {T}"), entries_of("::分散:: a {T}")
    assert first != second
    assert (first,) == tuple(entries_of("::偏差:: b {F}"))


@pytest.mark.parametrize(
    ("source", "line", "why"),
    [
        ("Fine? {T}\n\nNo end {=a ~b", 3, "has no partner"),
        ("Blank inside {=a\n\n~b}", 1, "has no partner"),
        ("Two {=a ~b} pairs {=c ~d}", 1, "more than one pair"),
        ("Number {#many}", 1, "“many” is no number"),
        ("Number {#1e999}", 1, "is no number"),
        ("Number {#3:-1}", 1, "is no number"),
        ("Number {#5..1}", 1, "is no number"),
        ("Number {#nan}", 1, "is no number"),
        ("Nothing {#}", 1, "no number behind"),
        ("One {~only}", 1, "two answers"),
        ("Empty {=a ~}", 1, "an answer is empty"),
        ("// [id:twice]\na {T}\n\n// [id:twice]\nb {T}", 5, "appears twice, first in line 2"),
        ("", 0, "no question in the file"),
        ("a {T}\0", 1, "NUL"),
        ("a\ufdd0 {T}", 0, "not text"),
        (f"a{'x' * 50_001} {{T}}", 1, "longer than 50 kB"),
        ("Umlaut ä {T}".encode("latin-1"), 0, "Not UTF-8 (byte 7)"),
        (b"x" * 5_000_001, 0, "larger than 5 MB"),
        ("a {T}\n\n" * 1001, 0, "More than 1,000 questions"),
        ("a}\n\n" * 1001, 0, "More than 1,000 questions"),
        ("Many {=a" + "~b" * 100 + "}", 1, "too many answers: 101"),
    ],
)
def test_fault_in_gift_names_its_line(topics, source, line, why):
    fault = reading_of(source).faults[0]
    assert fault.line == line
    assert why in fault.why


# A newline in GIFT is written \n; what else Markdown needs, it keeps.
gift_text = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]) | st.sampled_from(" \n\\:#={}~%-[]->")
)


def escaped(text: str) -> str:
    for character in "\\:#={}~":
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", "\\n")


@given(prompt=gift_text, right=gift_text, wrong=gift_text, why=gift_text)
def test_any_text_comes_back_from_gift_as_it_was_escaped(prompt, right, wrong, why):
    texts = [prompt, right, wrong, why]
    if not all(text.strip() for text in texts) or any(
        "\ufdd0" <= character <= "\ufdd7" for character in "".join(texts)
    ):
        return
    prompt, right, wrong, why = (escaped(text.strip()) for text in texts)
    parsed = gift.read(f"::n::[plain]{prompt} {{\n=[plain]{right}#[plain]{why}\n~[plain]{wrong}\n}}")
    assert parsed.faults == []
    (item,) = parsed.items
    first, second = item.answers
    read = [item.text, first.text, second.text, first.feedback]
    inline = [False, True, True, True]
    assert read == [converted(text, "plain", one).text for text, one in zip(texts, inline, strict=True)]
    assert (first.fraction, second.fraction) == (100, 0)


@given(st.text(st.sampled_from("{}~=#:%\\/$[]->n1. \n") | st.characters(exclude_categories=["Cs"]), max_size=80))
def test_gift_reader_takes_or_refuses_any_text(text):
    if not gift.STAND_IN.search(text):
        gift.read(text)


# Moodle XML


@pytest.fixture
def xml_entries(topics):
    return entries_of((SAMPLES / "quiz.xml").read_bytes(), "quiz.xml")


def test_every_moodle_type_that_we_have_is_read(xml_entries):
    assert {slug: entry["format"] for slug, entry in xml_entries.items()} == {
        "kappa-by-chance": "single_choice",
        "threshold-free": "multiple_choice",
        "a-coins-auc": "single_choice",
        "way-to-school": "numeric",
        "order-of-work": "ordering",
        "drift": "free_text",
    }


def test_moodle_types_that_we_do_not_have_are_named_with_their_line(topics):
    skipped = reading_of((SAMPLES / "quiz.xml").read_bytes(), "quiz.xml").skipped
    assert [(remark.line, remark.about) for remark in skipped] == [
        (75, "Capital"), (82, "Pairs"), (88, "Gaps"), (93, "Formula"), (99, "Intro"),
    ]  # fmt: skip
    assert all("not supported" in remark.why for remark in skipped if remark.about in UNSUPPORTED)


def test_moodle_html_becomes_paragraphs_code_and_maths_and_the_image_a_note(topics, xml_entries):
    entry = xml_entries["kappa-by-chance"]
    assert entry["prompt"] == (
        "Which agreement does *kappa* take out?\n\n[image “a table”] Let $p_e < 1$.\n\n"
        "```\nkappa(a, b)\n# one number\n```"
    )
    assert entry["model_answer"] == r"See $$\kappa = \frac{p_o - p_e}{1 - p_e}$$"
    assert options(entry) == [("by chance", True, "Right."), ("on `rare` classes", False, "")]
    incoming = {question.entry["slug"]: question for question in reading_of(QUIZ_XML, "quiz.xml").incoming}
    assert incoming["kappa-by-chance"].lacks == ["image “a table”"]


def test_moodle_number_keeps_tolerance_and_unit(xml_entries):
    assert xml_entries["way-to-school"]["answer"] == {"value": 2.5, "tolerance": 0.1, "unit": "km"}


def test_moodle_order_category_and_tags_are_kept(xml_entries):
    assert xml_entries["order-of-work"]["steps"] == ["split", "fit", "test"]
    assert xml_entries["drift"]["topics"] == ["evaluation"]
    assert xml_entries["kappa-by-chance"]["level"] == "advanced"


def test_imported_question_says_what_it_still_needs(topics):
    incoming = reading_of("::Bias:: Is it? {=yes ~no#Not so.}").incoming[0]
    assert incoming.entry["status"] == "draft"
    assert set(incoming.needs) == {"model_answer: is empty", "options[1].why: is empty"}


BOMB = '<!DOCTYPE quiz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 8}">' for before, name in zip("bcdefgh", "cdefghi", strict=True)
)


def xml_question(inside: str, type: str = "truefalse") -> str:
    return f'<quiz>\n<question type="{type}"><name><text>Q</text></name>{inside}</question></quiz>'


ANSWERS = '<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer>'


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (BOMB + "]><quiz>&i;</quiz>", "entities are not allowed"),
        ('<!DOCTYPE quiz SYSTEM "file:///etc/passwd"><quiz/>', "entities are not allowed"),
        ('<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>', "entities are not allowed"),
        ('<!DOCTYPE q [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]><quiz/>', "entities are not allowed"),
        ("<!DOCTYPE quiz><quiz/>", "entities are not allowed"),
        ("<quiz>&unknown;</quiz>", "undefined entity"),
        ("<quiz>\n<question></quiz>", "Line 2: not well-formed"),
        ("just text", "not well-formed"),
        ("<a>" * 100_000, "nested more than 20"),
        ("<html><body/></html>", "begins with <quiz>, not with <html>"),
        ("<quiz><colour/></quiz>", "<colour> is not a field"),
        ('<?xml version="1.0" encoding="UTF-8"?><quiz>ä</quiz>'.encode("latin-1"), "not well-formed"),
        ('<?xml version="1.0" encoding="klingon"?><quiz/>', "encoding can't be read"),
        ('<?xml version="1.0" encoding="shift_jis"?><quiz/>', "encoding can't be read"),
        ("<quiz/>", "no question in the file"),
        (b"<quiz>" + b" " * 5_000_000, "larger than 5 MB"),
        (xml_question('<answer fraction="100"><text>yes</text></answer>'), "“true” and “false”"),
        (xml_question('<answer fraction="100"><text>many</text></answer>', "numerical"), "“many” is no number"),
        (xml_question('<answer fraction="100"><text>NaN</text></answer>', "numerical"), "is no number"),
        (xml_question('<answer fraction="inf"><text>a</text></answer>', "multichoice"), "is no number"),
        (xml_question("<holdout>[1]</holdout>" + ANSWERS), "must hold named values"),
        (xml_question("<holdout>{</holdout>" + ANSWERS), "must hold JSON"),
        (xml_question('<holdout>{"status": "published"}</holdout>' + ANSWERS), "status: is not a field"),
        (xml_question('<holdout>{"limit_seconds": 99999999999}</holdout>' + ANSWERS), "limit_seconds"),
        (xml_question('<holdout>{"format": "sql"}</holdout>', "essay"), "is missing"),
        (xml_question('<holdout>{"references": [{"title": "\\u0000"}]}</holdout>' + ANSWERS), "NUL"),
        (xml_question('<holdout>{"references": [{"title": "\\ud800"}]}</holdout>' + ANSWERS), "must hold JSON"),
    ],
)
def test_hostile_or_broken_xml_is_refused_at_once(topics, source, why):
    started = time.monotonic()
    faults = reading_of(source, "quiz.xml").faults
    assert len(faults) == 1
    assert why in faults[0].why
    assert time.monotonic() - started < 10  # an entity that is expanded would take the machine's memory instead


def test_a_file_of_another_kind_is_refused(topics):
    assert "Only .yaml" in reading_of("a {T}", "quiz.docx").faults[0].why


# Our own YAML

ENTRY = """
- slug: {slug}
  title: A title
  level: beginner
  category: theory
  topics: [{topic}]
  format: single_choice
  limit_seconds: 60
  status: published
  prompt: Which?
  options:
    - {{text: a, right: true, why: b}}
    - {{text: c, right: false, why: d}}
  model_answer: It is a.
  references: [{{title: A book}}]
"""


def test_catalog_file_may_hold_several_topics(topics):
    entries = entries_of(ENTRY.format(slug="a", topic="coding") + ENTRY.format(slug="b", topic="evaluation"), "q.yaml")
    assert [entry["topics"] for entry in entries.values()] == [["coding"], ["evaluation"]]


@pytest.mark.parametrize(
    ("old", "new", "line", "about", "why"),
    [
        ("  level: beginner\n", "", 2, "b, level", "is missing"),
        ("level: beginner", "level: expert", 4, "b, level", "is none of"),
        ("text: c, right: false", "text: c, right: maybe", 13, "b, options[2].right", "must be true or false"),
        ("title: A title", "title: A title\n  colour: red", 4, "b, colour", "is not a field"),
        ("slug: b", "slug: B_b", 2, "B_b, slug", "is not kebab-case"),
        ("topics: [coding]", "topics: [cooking]", 6, "b, topics", "is not in topics.yaml"),
        ("format: single_choice", "companion_of: nobody\n  format: single_choice", 2, "b, companion_of", "there is no"),
        ("prompt: Which?", 'prompt: "Wh\\0ich?"', 2, "b", "NUL"),
    ],
)
def test_fault_in_a_catalog_file_names_its_line(topics, old, new, line, about, why):
    source = ENTRY.format(slug="b", topic="coding")
    assert old in source
    fault = reading_of(source.replace(old, new), "q.yaml").faults[0]
    assert (fault.line, fault.about) == (line, about)
    assert why in fault.why


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("a: &a [x]\nb: *a", "Line 1: anchors and aliases"),
        ("- !!set {a: 1}", "Line 1: tags such as"),
        ("[]", "no question in the file"),
        ("a: 1", "is a list of questions"),
        ("- just text", "must be a mapping"),
        (ENTRY.format(slug="a", topic="coding") * 2, "appears twice, first in line 2"),
        (b"\xff\xfe-", "Not UTF-8"),
        (b"x" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_broken_catalog_file_is_refused(topics, source, why):
    assert why in "; ".join(fault.why for fault in reading_of(source, "q.yml").faults)


def test_all_faults_of_a_file_are_said_at_once(topics):
    broken = ENTRY.format(slug="a", topic="cooking") + ENTRY.format(slug="b", topic="coding").replace("beginner", "x")
    assert [fault.line for fault in reading_of(broken, "q.yaml").faults] == [6, 19]
    assert not Question.objects.exists()
