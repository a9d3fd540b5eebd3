"""A finished interview in one screen: the score and what it rests on, the time, the topics, what to fix first.

From questions that `with_questions` has read: nothing here asks the database.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from interviews.sitting.clock_text import used_of
from interviews.sitting.models import Interview, InterviewQuestion
from questions.models import Topic

FIXES = 3
WORTH_FIXING = 0.1  # of a question's points lost
FULL_MARKS = 0.999
SHORT = 25  # characters that say too little by themselves
BY = {"auto": "scored automatically", "self": "scored by you", "coach": "scored by a coach"}
SENTENCE = re.compile(r"(.+?[.!?])(?=\s+[\"“*_$`(A-Z0-9]|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """A question in the strip. `style` is its state's colour, `mark` the same as a sign."""

    position: int
    style: str
    mark: str
    words: str


@dataclass(frozen=True, slots=True)
class TopicScore:
    topic: Topic
    points: float
    scored: int
    to_score: int

    @property
    def percent(self) -> int:
        return round(100 * self.points / self.scored) if self.scored else 0


@dataclass(frozen=True, slots=True)
class Fix:
    """`sentence` is Markdown of one line: what to remember."""

    question: InterviewQuestion
    sentence: str

    @property
    def lost(self) -> int:
        return round(100 * (1 - self.question.score))


class Summary:
    """Every question counts alike; those that were never shown do not count."""

    def __init__(self, interview: Interview, questions: Sequence[InterviewQuestion]):
        self.interview = interview
        self.shown = [question for question in questions if question.opened_at]
        self.never_shown = len(questions) - len(self.shown)
        self.scored = [question for question in self.shown if question.score is not None]
        self.to_score = [question for question in self.shown if question.awaits_marks]
        self.is_waiting = any(question.is_being_scored for question in self.shown)

    @property
    def percent(self) -> int | None:
        """Of the points of what is scored; None: nothing is."""
        return round(100 * sum(one.score for one in self.scored) / len(self.scored)) if self.scored else None

    @property
    def basis(self) -> str:
        """How the scores came about: "5 scored automatically, 2 scored by you"."""
        counts = Counter("none" if not one.counts_as_answered else one.graded_by for one in self.scored)
        parts = [f"{counts[by]} {words}" for by, words in BY.items() if counts[by]]
        return ", ".join([*parts, *([f"{counts['none']} not answered"] if counts["none"] else [])])

    @property
    def time(self) -> str:
        """ "24 of 30 minutes"; what reopenings and pauses took is left out."""
        asked = [place for one in self.shown for place in [one, *one.follow_ups.all()]]
        used = sum((place.seconds_used or 0) + place.earlier_seconds for place in asked)
        is_limited = self.interview.deadline_at and not any(one.is_reopened for one in self.shown)
        paused = sum(place.paused_seconds for place in asked)
        allowed = (self.interview.deadline_at - self.interview.started_at).total_seconds() if is_limited else None
        return used_of(used, allowed - paused if allowed else None)

    @property
    def topics(self) -> list[TopicScore]:
        """By primary topic, in the topics' own order."""
        found: dict[int, list[InterviewQuestion]] = {}
        for question in self.shown:
            found.setdefault(question.version.primary_topic.pk, []).append(question)
        rows = []
        for asked in found.values():
            scores = [one.score for one in asked if one.score is not None]
            rows.append(TopicScore(asked[0].version.primary_topic, sum(scores), len(scores), len(asked) - len(scores)))
        return sorted(rows, key=lambda row: (row.topic.position, row.topic.name))

    @property
    def places(self) -> list[Place]:
        return [place(question) for question in self.shown]

    @cached_property
    def fixes(self) -> list[Fix]:
        """The questions that lost most, the earlier first where two lost alike."""
        lost = [one for one in self.scored if 1 - one.score >= WORTH_FIXING]
        lost.sort(key=lambda one: (one.score, one.position))
        found = [Fix(one, sentence) for one in lost[:FIXES] if (sentence := to_remember(one))]
        return found

    @property
    def weakest_topic(self) -> Topic | None:
        """Of the first thing to fix: what to practise next."""
        return self.fixes[0].question.version.primary_topic if self.fixes else None

    @property
    def open_count(self) -> int:
        """Answers that people mark by a rubric."""
        return sum(one.is_for_rubric for one in self.shown)

    @property
    def scored_count(self) -> int:
        return self.open_count - len(self.to_score)

    def next_to_score(self, after: int = 0) -> int | None:
        """The position of the next answer to score oneself, from `after` on and then from the start."""
        positions = [one.position for one in self.to_score]
        return next((one for one in positions if one > after), positions[0] if positions else None)


def place(question: InterviewQuestion) -> Place:
    if question.awaits_marks:
        style, mark, words = "is-to-score", "?", "to score"
    elif question.is_being_scored:
        style, mark, words = "is-waiting", "…", "being scored"
    elif question.score is None:
        style, mark, words = "is-skipped", "–", "no score"
    elif not question.counts_as_answered:
        style, mark, words = "is-skipped", "–", "not answered"
    elif question.score >= FULL_MARKS:
        style, mark, words = "is-answered", "✓", "right"
    elif question.score > 0:
        style, mark, words = "is-partly", f"{round(100 * question.score)}%", "partly right"
    else:
        style, mark, words = "is-wrong", "✗", "wrong"
    return Place(question.position, style, mark, words)


def to_remember(question: InterviewQuestion) -> str:
    """The one thing that this answer lacked most: a rubric point, why the pick was wrong, or how the answer begins."""
    if lacking := question.lacking_points():
        point, _ = max(lacking, key=lambda pair: pair[0].weight * (1 if pair[1] == "missed" else 0.5))
        return point.text
    picked, options = set(question.answer), list(question.version.options.all())
    wrong = [option for option in options if str(option.pk) in picked and not option.is_right and option.why]
    right = [option for option in options if option.is_right and option.why]
    is_choice = "choice" in question.version.format
    if is_choice and (wrong or right):
        return first_sentence((wrong or right)[0].why)
    return first_sentence(question.version.model_answer)


def first_sentence(markdown: str) -> str:
    """Of the first paragraph that is text, no list, table, code or formula; a short one brings the next along."""
    for paragraph in re.split(r"\n\s*\n", markdown.strip()):
        text = " ".join(paragraph.split())
        if text and not re.match(r"[-*+>|#] |\d+\. |```|\$\$", text):
            found = SENTENCE.match(text)
            first = found[1] if found else text
            after = SENTENCE.match(text[len(first) :].lstrip()) if len(first) < SHORT else None
            return f"{first} {after[1]}" if after else first
    return ""
