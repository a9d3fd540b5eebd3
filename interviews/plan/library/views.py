"""The library: browsing, one question's page, what is kept beside it, and what leaves as a deck or a sheet."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from interviews.plan.library import queries, studying
from interviews.plan.library.forms import LibraryForm, NoteForm
from interviews.plan.library.models import Bookmark, ChangedElsewhere, QuestionNote
from interviews.plan.library.pages import QuestionPage
from interviews.plan.library.sheet import make_sheet
from interviews.report import anki
from interviews.report.evidence import named_answers, with_answers
from interviews.report.statistics.choosing import SESSION_QUESTIONS
from questions.models import QuestionVersion, Track

QUESTIONS_A_PAGE = 20
CARDS_A_DECK = 100
CHANGED = "You changed this note on another page. Your text is still here. Save it to replace the other version."
RUNNING = "This question is part of your interview in progress. You can read its answer when you’ve finished."


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """The address says what is looked for."""
    form = LibraryForm(request.GET)
    wanted = form.wanted
    page = Paginator(queries.found(request.user, **wanted), QUESTIONS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "is_filtered": bool(wanted),
        "page": page,
        "lines": queries.lines(request.user, list(page)),
        "track": wanted.get("track"),
        "drill": SESSION_QUESTIONS,
        "cards": CARDS_A_DECK,
    }
    return render(request, "library/library.html", context)


@require_POST
def library_deck(request: HttpRequest) -> HttpResponse:
    """An Anki deck of what was found, answers and all: so it is studied from now on."""
    form = LibraryForm(request.POST)
    chosen = list(queries.found(request.user, **form.wanted)[:CARDS_A_DECK])
    versions = studying.study(request.user, chosen, now=request.now)
    if not versions:
        messages.info(request, "No questions match, so there’s no deck to make. Choose other filters.")
        return redirect("interviews:library")
    whole = QuestionVersion.objects.with_content().filter(pk__in=[version.pk for version in versions])
    content = anki.package(whole, anki.LIBRARY, now=request.now)
    headers = {"Content-Disposition": 'attachment; filename="holdout-library.apkg"'}
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)


def published(request: HttpRequest, slug: str) -> QuestionVersion:
    versions = queries.with_own(QuestionVersion.objects.published(), request.user)
    return get_object_or_404(versions.with_content(), question__slug=slug)


@require_safe
def library_question(request: HttpRequest, slug: str) -> HttpResponse:
    return question_response(request, published(request, slug))


def question_response(
    request: HttpRequest, version: QuestionVersion, form: NoteForm | None = None, status: int = 200
) -> HttpResponse:
    page = QuestionPage(version, request.user, request.now)
    note = page.note
    written = {"text": note.text, "base": note.rev} if note else {"base": 0}
    context = {"page": page, "version": version, "form": form or NoteForm(initial=written)}
    return render(request, "library/question.html", context, status=status)


@require_POST
def library_study(request: HttpRequest, slug: str) -> HttpResponse:
    """From here on the answer is shown, for a day."""
    if not studying.study(request.user, [published(request, slug)], now=request.now):
        messages.info(request, RUNNING)
    return redirect("interviews:library_question", slug)


@require_POST
def library_bookmark(request: HttpRequest, slug: str) -> HttpResponse:
    """`keep`: yes to set it, anything else to take it away. A repeat changes nothing."""
    question = published(request, slug).question
    if request.POST.get("keep") == "yes":
        Bookmark.objects.get_or_create(candidate=request.user, question=question, defaults={"made_at": request.now})
    else:
        request.user.bookmarks.filter(question=question).delete()
    return redirect("interviews:library_question", slug)


@require_POST
def library_note(request: HttpRequest, slug: str) -> HttpResponse:
    version, form = published(request, slug), NoteForm(request.POST)
    if not form.is_valid():
        return question_response(request, version, form, status=422)
    text = form.cleaned_data["text"]
    try:
        QuestionNote.objects.write(
            request.user, version.question, text, base=form.cleaned_data["base"], now=request.now
        )
    except ChangedElsewhere as changed:
        form = NoteForm({"text": text, "base": changed.note.rev})
        form.add_error(
            "text",
            "You changed this note on another page. Your text is still here. Save it to replace the other version.",
        )
        return question_response(request, version, form, status=409)
    return redirect("interviews:library_question", slug)


@require_safe
def misconceptions(request: HttpRequest) -> HttpResponse:
    """What one believed in wrong answers: what is still open first."""
    report = request.user.reports.first()
    stored = report.data.get("misconceptions", []) if report else []
    answers = named_answers([miss["answer"] for miss in stored], request.user, report) if stored else []
    misses = with_answers(stored, answers)
    groups = [
        ("Still open", [miss for miss in misses if miss["state"] == "open"]),
        ("Put right once", [miss for miss in misses if miss["state"] == "refuted once"]),
        ("Put right, and again later", [miss for miss in misses if miss["state"] == "refuted again later"]),
    ]
    return render(request, "library/misconceptions.html", {"groups": [group for group in groups if group[1]]})


@require_safe
def track_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """One page to print."""
    track = get_object_or_404(Track.objects.active().with_sections(), slug=slug)
    sheet = make_sheet(request.user, track, request.user.reports.first())
    return render(request, "library/sheet.html", {"sheet": sheet, "today": request.now})
