"""Questions as the tests need them: keyword-only, valid unless told otherwise."""

from html.parser import HTMLParser

from django.utils import timezone

from questions import formats
from questions.models import Misconception, Option, Question, QuestionVersion, RubricPoint, Topic, VersionTopic

ANSWERS = {
    "numeric": {"answer": {"value": 22.2, "tolerance": 0.1, "unit": "%", "check": "100*10/45"}},
    "sql": {
        "limit_seconds": 480,
        "answer": {
            "schema": "CREATE TABLE views (user INTEGER, surface TEXT);",
            "states": [
                "INSERT INTO views VALUES (1, 'feed'), (1, 'feed'), (2, 'feed'), (2, 'moments'), (3, NULL);",
                "INSERT INTO views VALUES (1, 'search'), (2, 'search');",
            ],
            "solution": "SELECT surface, count(*) AS secret_total FROM views GROUP BY surface",
            "compare": "unordered",
        },
    },
    "code": {
        "limit_seconds": 600,
        "answer": {
            "packages": [],
            "starter": "def double(value):\n    ...",
            "solution": "def double(value):\n    return 2 * value",
            "seconds": 2,
            "rubric_share": 0.2,
            "cases": [
                {"name": "one", "call": "double", "arguments": [1], "expected": 2, "shown": True},
                {"name": "a text", "call": "double", "arguments": ["'a'"], "expected": "aa"},
            ],
        },
    },
    "staged": {
        "limit_seconds": 600,
        "stages": [
            {"name": "Clarify", "minutes": 4, "asks": "What is asked?"},
            {"name": "Metrics", "minutes": 6, "asks": "How is success measured?"},
        ],
    },
}
OPTIONS = {
    "single_choice": [("right", True), ("wrong", False), ("also wrong", False), ("wrong too", False)],
    "multiple_choice": [("right", True), ("wrong", False), ("right too", True), ("also wrong", False)],
    "ordering": [("first", True), ("second", True), ("third", True), ("fourth", True)],
}


def make_topic(*, slug="evaluation", parent=None):
    return Topic.objects.get_or_create(slug=slug, parent=parent, defaults={"name": slug.title()})[0]


def make_version(*, slug="a-question", number=1, format="single_choice", topics=("evaluation",), published=True, **own):
    """One version with its parts, as a curator would have made it."""
    question, _ = Question.objects.get_or_create(slug=slug)
    own = {
        "title": "A question",
        "level": "beginner",
        "category": "theory",
        "limit_seconds": 300 if format == "free_text" else 90,
        "prompt": "Which one, and $why$?",
        "model_answer": "Because.",
        "references": [{"title": "A book"}],
        **ANSWERS.get(format, {}),
        **own,
    }
    version = QuestionVersion.objects.create(question=question, number=number, format=format, **own)
    for position, topic in enumerate(topics):
        VersionTopic.objects.create(version=version, position=position, topic=make_topic(slug=topic))
    why = "" if format == "ordering" else "So it is."
    for position, (text, is_right) in enumerate(OPTIONS.get(format, [])):
        Option.objects.create(version=version, position=position, text=text, is_right=is_right, why=why)
    if not formats.get(format).is_closed:
        for position in range(3):
            RubricPoint.objects.create(version=version, position=position, text=f"States point {position}")
        Misconception.objects.create(version=version, statement="It is so.", correction="It is not.")
    version = QuestionVersion.objects.with_content().get(pk=version.pk)
    version.store_content_hash()
    if published:
        version.publish(now=timezone.now())
    return version


class _Fields(HTMLParser):
    """What a browser would send of the fields in a piece of a page. Templates are no part of it."""

    def __init__(self):
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.in_template = 0
        self.open = ""

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.in_template += tag == "template"
        name = attributes.get("name")
        if self.in_template or (
            tag == "input" and attributes.get("type") == "checkbox" and "checked" not in attributes
        ):
            return
        if tag == "input":
            self.fields.setdefault(name, []).append(attributes.get("value", "on"))
        elif tag in ("textarea", "select"):
            self.open = name
            self.fields.setdefault(name, []).append("")
        elif tag == "option" and "selected" in attributes:
            self.fields[self.open][-1] = self.get_starttag_text() and "\0"

    def handle_endtag(self, tag):
        self.in_template -= tag == "template"
        if tag in ("textarea", "select"):
            self.open = ""

    def handle_data(self, data):
        if self.open and not self.in_template:
            held = self.fields[self.open]
            if held[-1] == "\0":
                held[-1] = data
            elif self.get_starttag_text().startswith("<textarea"):
                held[-1] += data


def sent_of(html: str) -> dict[str, list[str]]:
    """The fields of a piece of a page as they are sent, line ends included."""
    parser = _Fields()
    parser.feed(html)
    return {
        name: [value.removeprefix("\n").replace("\n", "\r\n") for value in values]
        for name, values in parser.fields.items()
    }
