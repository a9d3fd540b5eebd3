"""Where a page offers to report a problem with a question."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string

from questions import flagging
from questions.forms import FlagForm
from questions.models import QuestionVersion

register = template.Library()


@register.simple_tag(takes_context=True)
def flag_address(context, version: QuestionVersion) -> str:
    return flagging.address(version, context["request"].user)


@register.inclusion_tag("questions/_flag.html", takes_context=True)
def flag_region(context, version: QuestionVersion) -> dict:
    """With what this person reported about the question before: one query a page, however many questions."""
    request = context["request"]
    if not hasattr(request, "own_flags"):
        request.own_flags = request.user.question_flags.newest_by_question()
    return {
        "version": version,
        "address": flagging.address(version, request.user),
        "blank_fields": blank_fields(version.pk),
        "flag": request.own_flags.get(version.question_id),
    }


@lru_cache(maxsize=1000)
def blank_fields(version_pk: int) -> str:
    """Nothing is filled in yet, so they read the same for everybody; no other part of a page takes as long."""
    form = FlagForm(version=QuestionVersion(pk=version_pk))
    return render_to_string("questions/_flag_fields.html", {"form": form})
