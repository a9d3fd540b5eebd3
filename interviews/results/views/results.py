"""After the interview: own answers, self-scoring, and only then what a strong answer holds."""

import logging
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from interviews.interviewer import finding
from interviews.interviewer.models import PointExample
from interviews.report.moves import moves
from interviews.report.page import topics_by_slug
from interviews.results.forms import SelfScoreForm
from interviews.results.queries import for_results, questions_of
from interviews.results.summary import Summary
from interviews.sitting.models import EvidenceChange, Grade, Interview, InterviewQuestion
from interviews.sitting.views.interview import own_interview

log = logging.getLogger(__name__)


@require_safe
def results(request: HttpRequest, public_id: UUID) -> HttpResponse:
    own = request.user.interviews.select_related("assignment")
    interview = get_object_or_404(own, public_id=public_id)
    if interview.is_in_progress:
        with own_interview(request, public_id) as interview:  # it ends here if its time is over
            if interview.is_in_progress:
                return redirect("interviews:interview", public_id)
    if interview.state == Interview.State.SUBMITTED:
        score_now(request, interview)
        interview.refresh_from_db()
    return results_page(request, interview)


def results_page(request: HttpRequest, interview: Interview, *, status: int = 200, **parts) -> HttpResponse:
    """`parts`: what the tags of the page's parts look for in its context (templatetags/coaching.py)."""
    questions = questions_of(interview)
    if not all(finding.is_looked_at(question) for question in questions if question.opened_at):
        find_points_now(request, interview)
        questions = questions_of(interview)
    summary = Summary(interview, questions)
    context = {
        "interview": interview,
        "summary": summary,
        "results": [result_context(question, interview) for question in summary.shown],
        "takes_voice": any(question.format.takes_voice for question in summary.shown),
        "has_maths": any(question.version.has_maths for question in summary.shown),
        "interventions": list(interview.events.interventions()),
        **parts,
    }
    return render(request, "results/results.html", context, status=status)


def score_now(request: HttpRequest, interview: Interview) -> None:
    """Results do not wait for a worker. Should scoring fail, the page still shows, and the sweep tries again."""
    try:
        with Interview.objects.under_lock(interview.public_id, candidate=request.user, now=request.now) as locked:
            locked.score(now=request.now)
    except Exception:
        log.exception("Interview %s could not be scored while its results were shown.", interview.public_id)


def find_points_now(request: HttpRequest, interview: Interview) -> None:
    """Nor do suggestions wait for a worker; without them the page is whole, too."""
    try:
        finding.find_in(interview.pk, now=request.now)
    except Exception:
        log.exception("Interview %s could not be looked through while its results were shown.", interview.public_id)


@require_safe
def result_panel(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """Asked for again and again while a worker scores this answer: until then nothing on the page changes."""
    with own_interview(request, public_id) as interview:
        question = own_result(interview, position)
        if question.is_being_scored:
            return HttpResponse(status=204)
        return result_response(request, interview, question)


@require_safe
def changed_panel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What this interview changed in the report. It waits for the report, which is compiled from its answers."""
    interview = get_object_or_404(request.user.interviews.finished(), public_id=public_id)
    asked = EvidenceChange.objects.filter(candidate=request.user).first()
    is_pending = bool(asked and asked.is_pending and not asked.has_failed)
    report = None if is_pending else request.user.reports.first()
    context = {"interview": interview, "is_pending": is_pending, "report": report}
    if is_pending:
        # Every two seconds at first; somebody whose worker is away is not asked about it for ever that often.
        context["poll_seconds"] = 2 if (request.now - asked.requested_at).total_seconds() < 60 else 15
    elif report:
        later = request.user.interviews.filter(started_at__gt=interview.started_at).order_by("started_at").first()
        until = later.started_at if later else max(report.compiled_at, interview.closed_at)
        context["moves"] = moves(report, topics_by_slug(), since=interview.started_at, until=until)
    if not request.htmx:
        return redirect(reverse("interviews:report") + f"?interview={interview.public_id}#changes")
    return render(request, "results/_changed.html", context)


@require_POST
def self_score(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """One's own marks by rubric point, before the model answer is shown; then it is."""
    with own_interview(request, public_id) as interview:
        question = own_result(interview, position)
        form = SelfScoreForm(request.POST, question=question)
        if not question_can_be_self_scored(question):
            raise Http404
        if not form.is_valid():
            return result_response(request, interview, question, form=form, status=422)
        question.grade_by_rubric(
            form.marks,
            by=request.user,
            source=Grade.Source.SELF,
            quotes={str(pk): quote for pk, quote in form.quotes.items()},
            after_follow_up=form.after_follow_up,
            now=request.now,
        )
        PointExample.objects.keep(question, form.quotes, now=request.now)
        question.reveal(now=request.now)
        interview.record("self_scored", actor=request.user, now=request.now, question=question)
        EvidenceChange.note(request.user.pk, now=request.now)
        return result_response(request, interview, own_result(interview, position))


@require_POST
def reveal(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """The model answer without self-scoring first. Scoring oneself afterwards is possible, and marked as such."""
    with own_interview(request, public_id) as interview:
        question = own_result(interview, position)
        question.reveal(now=request.now)
        interview.record("revealed", actor=request.user, now=request.now, question=question)
        return result_response(request, interview, question)


def own_result(interview: Interview, position: int) -> InterviewQuestion:
    """A shown question with everything its result shows; 404 before the interview's end, in a drill before its own."""
    if not (interview.is_finished or (interview.is_in_progress and interview.gives_feedback)):
        raise Http404
    drawn = for_results(InterviewQuestion.objects.shown().drawn())
    question = get_object_or_404(drawn, interview=interview, position=position)
    if not question.is_closed:
        raise Http404
    question.interview = interview
    return question


def question_can_be_self_scored(question: InterviewQuestion) -> bool:
    """Not before it was run: what running gives comes first, and the rubric is a part of that."""
    waits = question.interview.is_in_progress and question.waits_for_worker
    return question.is_for_rubric and not question.is_being_scored and not waits


def result_context(question: InterviewQuestion, interview: Interview, form: SelfScoreForm | None = None) -> dict:
    """What may be shown of one answer at this moment (timed-engine rule: hidden things are not in the HTML)."""
    question.interview = interview
    grades = list(question.grades.all())
    newest = {grade.source: grade for grade in grades}
    can_self_score = question_can_be_self_scored(question)
    counting = newest.get(question.graded_by)
    return {
        "interview": interview,
        "question": question,
        "version": question.version,
        "position": question.position,
        "answer": question.answer,
        "options": question.presented_options(),
        "result_template": question.format.result_template,
        "is_revealed": question.is_revealed,
        "can_self_score": can_self_score,
        "form": form or (SelfScoreForm(question=question) if can_self_score and question.awaits_marks else None),
        "marks": point_marks(question, counting),
        "late": late_text(question),
        "offers_one_more": interview.is_in_progress and interview.follow_up_to_offer(question) is not None,
    }


def late_text(question: InterviewQuestion) -> dict | None:
    """The newest text that came after the question's end: its parts, of options their words, and how many there are."""
    if not question.late_revisions:
        return None
    newest = question.late_revisions[0]
    options = {str(option.pk): option.text for option in question.version.options.all()}
    parts = [options.get(part, part) for part in newest.excerpt]
    return {"parts": parts, "is_cut": newest.is_cut, "count": newest.count}


def point_marks(question: InterviewQuestion, grade: Grade | None) -> list[tuple]:
    """(rubric point, its mark in the grade that counts or None, whether it came after a follow-up, its quote)."""
    evidence = grade.evidence if grade else {}
    marks, quotes = evidence.get("points", {}), evidence.get("quotes", {})
    later = evidence.get("after_follow_up", [])
    return [
        (point, marks.get(str(point.pk)), point.pk in later, quotes.get(str(point.pk), ""))
        for point in question.version.rubric_points.all()
    ]


def result_response(
    request: HttpRequest, interview: Interview, question: InterviewQuestion, *, form=None, status: int = 200
) -> HttpResponse:
    context = result_context(question, interview, form)
    if request.htmx:
        if not interview.is_finished:  # a drill's feedback: nothing stands above it yet
            return render(request, "results/_result.html", context, status=status)
        # The summary above changes with every score: it comes along (out of band).
        summary = Summary(interview, questions_of(interview))
        context |= {"summary": summary, "next_to_score": summary.next_to_score(question.position)}
        return render(request, "results/_result_panel.html", context, status=status)
    if status == 200:
        return redirect(reverse("interviews:results", args=[interview.public_id]) + f"#result-{question.position}")
    return render(request, "results/result.html", context, status=status)
