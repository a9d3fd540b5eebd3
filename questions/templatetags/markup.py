import re

from django import template
from django.utils.safestring import SafeString, mark_safe

from questions import markup, sources

register = template.Library()
LONE_BREAK = re.compile(r"(?<!\n)\n(?!\n)")


@register.filter
def inline_markdown(source: str) -> SafeString:
    """For short texts that are kept without their HTML, such as rubric points and misconceptions."""
    return safe_markup(markup.render_inline(source))


@register.filter
def feedback(source: str) -> SafeString:
    """For what somebody wrote to somebody else: Markdown in which a line break is one."""
    return safe_markup(markup.render(LONE_BREAK.sub("  \n", source)))


@register.filter
def safe_markup(html: str) -> SafeString:
    """For what `questions.markup` has made."""
    return mark_safe(markup.kept_from_translators(html))  # nosec B308, B703 # noqa: S308 (sanitised)


@register.filter
def source_address(reference: dict) -> str:
    """Of a reference of a version; empty where it names none."""
    return sources.address(reference)
