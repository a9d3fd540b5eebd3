"""How an answer came about: its saved states in order, to its candidate and to a coach with a grant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import TextField
from django.db.models.functions import Cast, Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import AccessLog
from interviews.results.queries import for_results
from interviews.sitting.models import AnswerRevision, Interview, InterviewQuestion
from interviews.sitting.models.answer import DRAFTS_BUDGET

# Characters of saved versions on one page of the replay; at least one version.
PAGE_CHARACTERS = 200_000
LONG_PAUSE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Step:
    """One saved state: when after the opening, what it held (also drawn), how long nothing had been saved before it."""

    number: int
    kind: str
    label: str
    text: str
    drawn: str
    words: int
    after: timedelta
    pause: timedelta | None


@require_safe
def replay(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """Only of a finished interview: while it runs, an answer is its candidate's alone."""
    interview = get_object_or_404(Interview.objects.readable_by(request.user).finished(), public_id=public_id)
    shown = for_results(InterviewQuestion.objects.shown())
    question = get_object_or_404(shown, interview=interview, position=position)
    question.interview = interview
    follow_up = "the follow-up to " if question.is_follow_up else ""
    subject = f"{interview.title}: replay of {follow_up}answer {question.number}"
    AccessLog.objects.note_look(request.user, interview, subject, now=request.now)
    page = Paginator(pages_of(question), 1).get_page(request.GET.get("page"))
    context = {
        "interview": interview,
        "question": question,
        "position": position,
        "version": question.version,
        "page": page,
        "steps": steps_of(question, page.object_list[0]) if page.object_list else [],
        "is_thinned": question.kept_drafts >= DRAFTS_BUDGET,
        "is_own": interview.candidate_id == request.user.pk,
        "is_reviewer": interview.reviews.for_coach(request.user).exists(),
    }
    return render(request, "results/replay.html", context)


@dataclass(frozen=True, slots=True)
class Saved:
    """A revision without its text. `before`: when the one before it was saved, or when the question was opened."""

    pk: int
    number: int
    before: datetime


def pages_of(question: InterviewQuestion) -> list[list[Saved]]:
    """All saved versions, as many to a page as PAGE_CHARACTERS allow; the newest page first, each in order."""
    size = Length(Cast("answer", TextField()))
    revisions = (
        AnswerRevision.objects.filter(question=question).annotate(size=size).values_list("pk", "size", "saved_at")
    )
    pages: list[list[Saved]] = []
    before, room = question.opened_at, 0
    for number, (pk, size, saved_at) in enumerate(revisions.order_by("pk"), start=1):
        if size > room:
            pages.append([])
            room = PAGE_CHARACTERS
        pages[-1].append(Saved(pk, number, before))
        before, room = saved_at, room - size
    return pages[::-1]


def steps_of(question: InterviewQuestion, saved: list[Saved]) -> list[Step]:
    options = {str(option.pk): option.text for option in question.version.options.all()}
    revisions = AnswerRevision.objects.in_bulk([one.pk for one in saved])
    steps = []
    for one in saved:
        revision = revisions[one.pk]
        parts = question.format.parts(question.version, revision.answer)
        text = "\n".join(options.get(part, part) for _, part in parts)
        since = revision.saved_at - one.before
        steps.append(
            Step(
                number=one.number,
                kind=revision.kind,
                label=revision.get_kind_display(),
                text=text,
                drawn=question.format.sketch(question.version, revision.answer),
                words=len(text.split()),
                after=revision.saved_at - question.opened_at,
                pause=since if since >= LONG_PAUSE else None,
            )
        )
    return steps
