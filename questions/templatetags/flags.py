"""Where a page offers to report a problem with a question."""

from django import template

from questions import flagging
from questions.forms import FlagForm
from questions.models import QuestionVersion

register = template.Library()


@register.inclusion_tag("questions/_flag.html", takes_context=True)
def flag_region(context, version: QuestionVersion) -> dict:
    """With what this person reported about the question before: one query a page, however many questions."""
    request = context["request"]
    if not hasattr(request, "own_flags"):
        request.own_flags = request.user.question_flags.newest_by_question()
    return flag_form(context, version) | {"flag": request.own_flags.get(version.question_id)}


@register.inclusion_tag("questions/_flag.html", takes_context=True)
def flag_form(context, version: QuestionVersion) -> dict:
    """The form alone, without a query."""
    address = flagging.address(version, context["request"].user)
    return {"version": version, "address": address, "form": FlagForm(version=version)}
