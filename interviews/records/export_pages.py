"""What the pages of an export show, and what was asked in an interview as plain values.

Rubrics and model answers stand in it as on the results page: not before the person has seen them there.
"""

import json
from datetime import datetime

from django.db.models import Count, Max, Min
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import User
from interviews.coaching.review_page import ReviewedAnswer, reviews_for_candidate
from interviews.records.export_parts import PARTS, Part
from interviews.report.page import ReportPage, topics_by_slug
from interviews.sitting.models import AnswerRevision, Interview, InterviewQuestion

# Longer tables are for programs: all of it stands in the JSON.
ROWS_IN_A_TABLE = 2_000


def interview_name(interview: Interview) -> str:
    """Of its files in the ZIP: sorts by date."""
    return f"{timezone.localtime(interview.started_at):%Y-%m-%d}-{slugify(interview.title)[:40]}-{interview.pk}"


def shows_answer(interview: Interview, question: InterviewQuestion) -> bool:
    """Whether what a good answer holds may be told."""
    return interview.is_finished and question.is_revealed


def shown_questions(interview: Interview) -> list[InterviewQuestion]:
    return [question for question in interview.questions.all() if question.opened_at]


# --- data/asked ---------------------------------------------------------------------------------------


def asked(interview: Interview) -> list[dict]:
    """The questions as they were put, in order, each with its follow-ups. `id` is that of answers.json."""
    return [as_asked(question, shows_answer(interview, question)) for question in shown_questions(interview)]


def as_asked(question: InterviewQuestion, with_answer: bool) -> dict:
    version = question.version
    options = question.presented_options()
    put = {
        "id": question.pk,
        "position": question.position,
        "title": version.title,
        "version": version.number,
        "level": version.level,
        "category": version.category,
        "format": version.format,
        "topics": [topic.slug for topic in version.ordered_topics],
        "limit_seconds": question.limit_seconds,
        "prompt": version.prompt,
        "stages": version.stages,
        "options": [{"id": str(option.pk), "text": option.text} for option in options],
        "follow_ups": [as_asked_back(follow_up, with_answer) for follow_up in question.follow_ups.all()],
    }
    if not with_answer:
        return put
    return put | {
        "right": version.answer,
        "right_options": [str(option.pk) for option in version.options.all() if option.is_right],
        "why": {str(option.pk): option.why for option in options if option.why},
        "model_answer": version.model_answer,
        "rubric": [
            {"id": point.pk, "point": point.text, "weight": point.weight} for point in version.rubric_points.all()
        ],
        "misconceptions": [
            {"id": wrong.pk, "statement": wrong.statement, "correction": wrong.correction}
            for wrong in version.misconceptions.all()
        ],
        "references": version.references,
    }


def as_asked_back(question: InterviewQuestion, with_answer: bool) -> dict:
    follow_up = question.follow_up
    put = {
        "id": question.pk,
        "position": question.position,
        "ask": follow_up["ask"],
        "hint": follow_up.get("hint", ""),
        "limit_seconds": question.limit_seconds,
    }
    hidden = {"rubric": follow_up["rubric"], "model_answer": follow_up["model_answer"]}
    return put | hidden if with_answer else put


# --- The pages ------------------------------------------------------------------------------------------


def index_context(user: User, names: dict[int, str]) -> dict:
    tables = [(part, part.rows_of(user).count()) for part in PARTS if part.has_table]
    return {
        "interviews": [(interview, names[interview.pk]) for interview in user.interviews.all()],
        "report": user.reports.first(),
        "report_count": user.reports.count(),
        "tables": [(part, count) for part, count in tables if count],
    }


def interview_context(interview: Interview) -> dict:
    saved = AnswerRevision.objects.filter(question__interview=interview).values("question")
    revisions = {
        row["question"]: row for row in saved.annotate(count=Count("pk"), first=Min("saved_at"), last=Max("saved_at"))
    }
    reviews = [review for review in reviews_for_candidate(interview) if review.is_sent]
    items = []
    for question in shown_questions(interview):
        with_answer = shows_answer(interview, question)
        said = [ReviewedAnswer(question, review.answer_to(question), review) for review in reviews]
        items.append(
            {
                "question": question,
                "version": question.version,
                "options": question.presented_options(),
                "shows_answer": with_answer,
                "answer": question.answer,
                "texts": answer_texts(question),
                "revisions": revisions.get(question.pk),
                "said": [one for one in said if one.has_content],
            }
        )
    return {"interview": interview, "items": items, "reviews": reviews}


def answer_texts(question: InterviewQuestion) -> list[tuple[str, str]]:
    """(stage or place, text) of each part of the answer: what was picked in words, not in numbers."""
    texts = {str(option.pk): option.text for option in question.version.options.all()}
    parts = [texts.get(part, part) for part in question.answer if part.strip()]
    if question.version.stages:
        return [part for part in question.format.parts(question.version, question.answer) if part[1].strip()]
    is_order = texts and all(option.is_right for option in question.version.options.all())
    return [(f"{place}." if is_order else "", text) for place, text in enumerate(parts, start=1)]


def report_context(user: User) -> dict:
    """The newest one, without the answers behind it: they stand in the pages of the interviews."""
    return {"page": ReportPage(user.reports.first(), user, topics_by_slug(), is_shared=True)}


def table_context(part: Part, user: User) -> dict:
    """The newest rows first; a single one is shown upright, since it may have many fields."""
    rows = part.rows_of(user).order_by("-pk").values_list(*part.columns().values())
    headings = [field.verbose_name for field in part.fields]
    cells = [[in_words(value) for value in row] for row in rows[:ROWS_IN_A_TABLE]]
    return {
        "part": part,
        "headings": headings,
        "rows": cells,
        "only_row": list(zip(headings, cells[0], strict=True)) if len(cells) == 1 else None,
        "count": rows.count(),
        "most": ROWS_IN_A_TABLE,
    }


def in_words(value) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%-d %b %Y, %H:%M:%S}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
