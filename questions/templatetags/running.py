"""What the templates of code and SQL show of the rules that an answer is run by."""

import json

from django import template

from questions.models import QuestionVersion
from questions.running.drawing import Drawn

register = template.Library()


@register.filter
def page_task(version: QuestionVersion) -> str:
    """What the page's worker is told, as JSON: nothing of it is hidden from the candidate."""
    return json.dumps(version.question_format.page_task(version))


@register.filter
def examples(version: QuestionVersion) -> list[dict]:
    """The shown cases of code."""
    return version.question_format.examples(version)


@register.filter
def shown_tables(version: QuestionVersion) -> tuple[Drawn, ...]:
    """The shown state of the data of a query."""
    return version.question_format.shown_tables(version)


@register.filter
def case_task(version: QuestionVersion, name: str) -> str:
    """A hidden case that a hint has shown, for the page's worker."""
    return version.question_format.case_task(version, name)
