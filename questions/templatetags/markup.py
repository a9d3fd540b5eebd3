from django import template
from django.utils.safestring import SafeString, mark_safe

from questions import markup

register = template.Library()


@register.filter
def inline_markdown(source: str) -> SafeString:
    """For short texts that are kept without their HTML, such as rubric points and misconceptions."""
    return mark_safe(markup.render_inline(source))  # nosec B308, B703 # noqa: S308 (sanitised)
