"""A recording's transcript: it arrives by itself, and its candidate may correct it."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AccessLog
from interviews.sitting.models import Interview, Refused
from interviews.sitting.views.interview import own_interview
from interviews.speech.models import Recording, heard_recordings
from interviews.speech.views.recordings import ONE_LOOK


@require_safe
def transcript_panel(request: HttpRequest, public_id: UUID, position: int, recording_id: UUID) -> HttpResponse:
    """Asked for again and again while a worker listens. Of a finished interview, to whoever may read its answers."""
    interview = get_object_or_404(Interview.objects.readable_by(request.user).finished(), public_id=public_id)
    found = heard_recording(interview, position, recording_id)
    is_own = interview.candidate_id == request.user.pk
    subject = f"{interview.title}: transcript of answer {position}"
    AccessLog.objects.note_look(request.user, interview, subject, now=request.now, within=ONE_LOOK)
    return panel(request, interview, found, can_correct=is_own)


@require_POST
def correct_transcript(request: HttpRequest, public_id: UUID, position: int, recording_id: UUID) -> HttpResponse:
    with own_interview(request, public_id) as interview:
        found = heard_recording(interview, position, recording_id)
        if not interview.is_finished or not hasattr(found, "transcript"):
            raise Http404
        text = request.POST.get("text", "")
        try:
            found.transcript.correct(text, now=request.now)
        except Refused as refused:
            shown = {"problem": str(refused), "text": text}
            return panel(request, interview, found, can_correct=True, status=422, **shown)
    if request.htmx:
        return panel(request, interview, heard_recording(interview, position, recording_id), can_correct=True)
    return redirect(reverse("interviews:results", args=[public_id]) + f"#transcript-{recording_id}")


def heard_recording(interview: Interview, position: int, recording_id: UUID) -> Recording:
    recordings = heard_recordings().filter(question__interview=interview, question__position=position)
    return get_object_or_404(recordings, public_id=recording_id)


def panel(
    request: HttpRequest, interview: Interview, recording: Recording, *, can_correct: bool, status: int = 200, **shown
) -> HttpResponse:
    context = {
        "interview": interview,
        "position": recording.question.position,
        "recording": recording,
        "can_correct": can_correct,
        **shown,
    }
    is_part = request.htmx or request.method != "POST"
    template = "speech/_transcript.html" if is_part else "speech/transcript.html"
    return render(request, template, context, status=status)
