"""Every sentence that people see follows the house's words, and the check can tell."""

import pytest

from config import words


def test_every_visible_sentence_follows_the_rules():
    assert list(words.findings()) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("It arrived after the bell", "bell"),
        ("Choose in peace", "peace"),
        ("It counts for nothing", "for nothing"),
        ("Every interview makes it surer", "surer"),
        ("The figures are whole", "figure"),
        ("When a coach looks, it stands here", "stand"),
        ("one's own answers", "one"),
        ("What is kept how long", "clipped"),
        ("You can still hand it in", "hand in"),
        ("Your e-mail address", "email"),
        ("You are signed out", "log in"),
        ("Back to login", "log-in"),
        ("The signup is closed", "sign up"),
        ("About 80 % of them", "percent"),
        ("What to practice these days: practice it", "practise"),
        ("The color of it", "American"),
        ("We recognize it", "American"),
        ("At 5 pm", "12 hours"),
        ("%-d %B %Y", "date"),
        ("Well done!", "exclamation"),
        ("1 questions", "singular"),
        ("{answer_count} answers", "singular"),
    ],
)
def test_each_rule_refuses_what_it_is_for(text, rule):
    assert rule in [finding.rule for finding in words.findings_in(text, "here")]


def test_right_sentences_pass():
    for text in (
        "When you’re surer, are you right more often?",
        "80% of 12 answers, on 1 Dec 2026 at 17:30",
        "Log in, or sign up. We’ll email you.",
        "Practise these. More practice helps.",
        "{count} question{plural}",
    ):
        assert list(words.findings_in(text, "here")) == []


def test_in_a_template_text_and_spoken_attributes_are_read_and_nothing_else():
    source = """{# the bell #}<p class="the-bell" title="in peace">{% if a %}the bell{% endif %}</p>
<code>the bell</code><img alt="for nothing">{{ at|date:"j F Y" }}"""
    texts = [(line, text) for line, text in words.template_texts(source)]
    found = {(line, finding.rule) for line, text in texts for finding in words.findings_in(text, "here")}
    assert found == {(1, "bell"), (1, "peace"), (2, "for nothing"), (2, "date")}


def test_in_code_literals_are_read_and_docstrings_are_not():
    source = '"""The bell."""\nsay = f"{name} at the bell"\n# the bell\n'
    assert [line for line, text in words.python_texts(source) if "bell" in text] == [2]
    assert [line for line, _ in words.script_texts('// the bell\nsay("the bell") /* the bell */')] == [2]
