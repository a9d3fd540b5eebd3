"""Recordings: sent in parts by static/js/speech/voice.js, and played to their candidate and to coaches with a grant."""

import logging
import re
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import never_interrupted
from accounts.models import AccessLog
from accounts.publishing import publish
from interviews.sitting.forms import whole_number
from interviews.sitting.models import Interview, Outcome, Refused
from interviews.sitting.views.interview import messages_of, own_interview
from interviews.speech import receiving
from interviews.speech.models import LARGEST_PART_BYTES, Recording
from interviews.speech.receiving import TooMany
from interviews.speech.tasks import store_recording

log = logging.getLogger(__name__)

# A player asks for one recording many times: that is one look.
ONE_LOOK = timedelta(hours=1)


@never_interrupted
@require_POST
def recording_part(request: HttpRequest, public_id: UUID, position: int, recording_id: UUID) -> HttpResponse:
    """The bytes from `?offset=` on. Answers how many are held: 200, or 409 where the page has to go on from there."""
    length = request.headers.get("Content-Length") or "0"
    if not (length.isascii() and length.isdigit() and len(length) <= 9):
        return refusal("Part of the recording is damaged.", status=400)
    if int(length) > LARGEST_PART_BYTES:
        return refusal("Part of the recording is too large.", status=413)
    try:
        content = request.body  # before the lock: a slow network holds nobody up
    except UnreadablePostError:
        return refusal("Part of the recording didn’t arrive.", status=400)
    with own_interview(request, public_id) as current:
        try:
            offset = whole_number(request.GET, "offset")
            recording = receiving.receive_part(
                current, position, recording_id, offset=offset, content=content, now=request.now
            )
        except TooMany as error:
            response = refusal(str(error), status=429)
            response["Retry-After"] = "600"
            return response
        except (ValidationError, Refused) as error:
            return refusal(messages_of(error)[0])
        return JsonResponse({"held": recording.size}, status=409 if offset > recording.size else 200)


@never_interrupted
@require_POST
def finish_recording(request: HttpRequest, public_id: UUID, position: int, recording_id: UUID) -> HttpResponse:
    """All of it is there, says the page with `size`; 409 where it is not. A repeat answers as the first time."""
    with own_interview(request, public_id) as current:
        try:
            size, lease = whole_number(request.POST, "size"), whole_number(request.POST, "lease")
            claimed_seconds = whole_number(request.POST, "milliseconds") / 1000
            recording = recording_of(current, position, recording_id)
            if not recording.is_finished and recording.size != size:
                return JsonResponse({"held": recording.size}, status=409)
            recording = receiving.finish(
                current, position, recording_id, claimed_seconds=claimed_seconds, lease=lease, now=request.now
            )
        except (ValidationError, Refused) as error:
            return refusal(messages_of(error)[0])
        publish(store_recording, recording.pk)
        return JsonResponse(
            {
                "kind": recording.kind,
                "seconds": recording.seconds,
                "url": reverse("interviews:recording", args=[public_id, position, recording_id]),
            }
        )


@never_interrupted
@require_POST
def delete_recording(request: HttpRequest, public_id: UUID, position: int, recording_id: UUID) -> HttpResponse:
    with own_interview(request, public_id) as current:
        try:
            lease = whole_number(request.POST, "lease")
            outcome = receiving.take_back(current, position, recording_id, lease=lease, now=request.now)
        except (ValidationError, Refused) as error:
            return refusal(messages_of(error)[0])
        if outcome is Outcome.ELSEWHERE:
            return refusal("This interview is open elsewhere.", status=409)
        return JsonResponse({})


@require_safe
def recording(request: HttpRequest, public_id: UUID, position: int, recording_id: UUID) -> HttpResponse:
    """The sound itself. While the interview runs it is its candidate's alone, as the text is."""
    interview = get_object_or_404(Interview.objects.readable_by(request.user), public_id=public_id)
    is_own = interview.candidate_id == request.user.pk
    if not is_own and not interview.is_finished:
        raise Http404
    found = recording_of(interview, position, recording_id)
    if not found.is_finished:
        raise Http404
    subject = f"{interview.title}: recording of answer {position}"
    AccessLog.objects.note_look(request.user, interview, subject, now=request.now, within=ONE_LOOK)
    try:
        content = found.read()
    except Exception:  # whatever a storage may raise
        log.exception("Recording %s could not be read.", found.pk)
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    response = part_of(content, request.headers.get("Range", ""), content_type=found.content_type)
    response["Content-Disposition"] = f'inline; filename="{found.download_name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def recording_of(interview: Interview, position: int, recording_id: UUID) -> Recording:
    recordings = Recording.objects.select_related("question")
    return get_object_or_404(
        recordings, question__interview=interview, question__position=position, public_id=recording_id
    )


def part_of(content: bytes, asked: str, *, content_type: str) -> HttpResponse:
    """All of it, or the one range of bytes that a player asked for (RFC 9110, section 14). Other ranges are ignored."""
    total = len(content)
    match = re.fullmatch(r"bytes=(\d{0,9})-(\d{0,9})", asked.strip(), re.ASCII)
    if not match or not any(match.groups()):
        return HttpResponse(content, content_type=content_type, headers={"Accept-Ranges": "bytes"})
    first, last = match.groups()
    if first:
        start, end = int(first), min(int(last or total), total - 1)
    else:
        start, end = max(total - int(last), 0), total - 1
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{total}"})
    headers = {"Accept-Ranges": "bytes", "Content-Range": f"bytes {start}-{end}/{total}"}
    return HttpResponse(content[start : end + 1], content_type=content_type, status=206, headers=headers)


def refusal(text: str, *, status: int = 422) -> JsonResponse:
    return JsonResponse({"error": text}, status=status)
