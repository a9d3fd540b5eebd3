from urllib.parse import urlsplit

from django import template
from django.conf import settings

from interviews.speech.models import longest_seconds

register = template.Library()
register.filter(longest_seconds)


@register.simple_tag
def speech_service() -> str:
    """The host that recordings are sent to, to be transcribed; "" where they stay on the site."""
    return urlsplit(settings.SPEECH_URL).hostname or "" if settings.SPEECH else ""
