"""How an answer came about: its saved states in order, to its candidate and to a coach with a grant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import AccessLog
from interviews.results.queries import for_results
from interviews.sitting.models import AnswerRevision, Interview, InterviewQuestion

# Half an hour of typing saves about this often at the most; a longer history shows its newest part.
STEPS_SHOWN = 1500
LONG_PAUSE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Step:
    """One saved state: when after the opening, what it held, how long nothing had been saved before it."""

    kind: str
    label: str
    text: str
    words: int
    at: datetime
    after: timedelta
    pause: timedelta | None


@require_safe
def replay(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """Only of a finished interview: while it runs, an answer is its candidate's alone."""
    interview = get_object_or_404(Interview.objects.readable_by(request.user).finished(), public_id=public_id)
    shown = for_results(InterviewQuestion.objects.shown())
    question = get_object_or_404(shown, interview=interview, position=position)
    question.interview = interview
    if interview.candidate_id != request.user.pk:
        AccessLog.objects.create(
            actor=request.user,
            candidate_id=interview.candidate_id,
            interview_public_id=interview.public_id,
            subject=f"{interview.title}: how answer {position} came about",
            at=request.now,
        )
    context = {
        "interview": interview,
        "question": question,
        "position": position,
        "version": question.version,
        "steps": steps_of(question),
        "is_own": interview.candidate_id == request.user.pk,
        "is_reviewer": interview.reviews.for_coach(request.user).exists(),
    }
    return render(request, "results/replay.html", context)


def steps_of(question: InterviewQuestion) -> list[Step]:
    options = {str(option.pk): option.text for option in question.version.options.all()}
    newest = AnswerRevision.objects.filter(question=question).order_by("-pk")[:STEPS_SHOWN]
    steps: list[Step] = []
    for revision in reversed(newest):
        text = "\n".join(options.get(part, part) for part in revision.answer)
        since = revision.saved_at - (steps[-1].at if steps else question.opened_at)
        steps.append(
            Step(
                kind=revision.kind,
                label=revision.get_kind_display(),
                text=text,
                words=len(text.split()),
                at=revision.saved_at,
                after=revision.saved_at - question.opened_at,
                pause=since if since >= LONG_PAUSE else None,
            )
        )
    return steps
