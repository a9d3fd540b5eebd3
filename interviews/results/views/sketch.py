"""The sketch of an answer as a file."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.models import AccessLog
from interviews.sitting.models import Interview, InterviewQuestion
from questions import sketch as sketches


@require_safe
def sketch(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """SVG, drawn from what is kept. Only of a finished interview, to its candidate and a coach with a grant."""
    interview = get_object_or_404(Interview.objects.readable_by(request.user).finished(), public_id=public_id)
    shown = InterviewQuestion.objects.shown().select_related("version")
    question = get_object_or_404(shown, interview=interview, position=position)
    if not question.sketch:
        raise Http404
    subject = f"{interview.title}: the sketch of answer {question.number}"
    AccessLog.objects.note_look(request.user, interview, subject, now=request.now)
    picture = HttpResponse(sketches.svg(sketches.read(question.sketch)), content_type="image/svg+xml")
    picture["Content-Disposition"] = f'attachment; filename="sketch-{position}.svg"'
    return picture
