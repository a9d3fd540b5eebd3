"""Reporting a problem with a question, and reading what a curator answered; the images of questions; the scripts that
run queries and code.
"""

import json

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from questions import flagging
from questions.forms import FlagForm
from questions.models import Figure, QuestionFlag, QuestionVersion, TooManyFlags
from questions.running.parts import HERE, PYODIDE, STATIC

FLAGS_A_PAGE = 20


# A worker's policy comes with its own response; WebAssembly is all that it may compile.
in_a_worker = csp_replace({"default-src": [NONE], "script-src": [SELF, "'wasm-unsafe-eval'"], "connect-src": [SELF]})


@login_not_required
@require_safe
@in_a_worker
def sql_worker(request: HttpRequest) -> HttpResponse:
    """Runs a query in the browser."""
    return render(request, "questions/sql_worker.js", content_type="text/javascript")


@login_not_required
@require_safe
@in_a_worker
def python_worker(request: HttpRequest) -> HttpResponse:
    """Runs a program in the browser, by the harness and the judging that score it."""
    sources = {name: json.dumps((HERE / f"{name}.py").read_text()) for name in ("harness", "judging")}
    context = sources | {"folder": PYODIDE.relative_to(STATIC).as_posix()}
    return render(request, "questions/python_worker.js", context, content_type="text/javascript")


@require_safe
def figure(request: HttpRequest, digest: str) -> HttpResponse:
    """An image of a question; of a draft's nobody but curators learns that it is there. It never changes."""
    found = get_object_or_404(Figure.objects.seen_by(request.user), pk=digest)
    headers = {
        "Cache-Control": "private, max-age=86400, immutable",
        "Content-Disposition": f'inline; filename="{found.file_name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(bytes(found.content), content_type=found.content_type, headers=headers)


@require_safe
def flags(request: HttpRequest) -> HttpResponse:
    """What one reported oneself, with the answers."""
    own = request.user.question_flags.select_related("version")
    page = Paginator(own, FLAGS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "questions/flags.html", {"page": page})


@require_http_methods(["GET", "POST"])
def flag(request: HttpRequest, reference: str) -> HttpResponse:
    """The region of one question's report: its form, or what was reported and answered.

    Without JavaScript it is a page in a tab of its own (templates/questions/_flag.html), so that an interview
    stays where it is.
    """
    try:
        version = flagging.version_at(reference, request.user)
    except QuestionVersion.DoesNotExist as missing:
        raise Http404 from missing
    form = FlagForm(request.POST if request.method == "POST" else None, version=version)
    status = 200
    if request.method == "POST":
        status = store_flag(request, version, form)
        if status == 200 and not request.htmx:
            return redirect(request.path)
    own = request.user.question_flags.filter(question=version.question_id).first()
    context = {
        "version": version,
        "address": request.path,
        "form": form,
        "flag": None if form.errors else own,
        "is_answer_to_post": request.method == "POST",
    }
    return render(request, "questions/_flag.html" if request.htmx else "questions/flag.html", context, status=status)


def store_flag(request: HttpRequest, version: QuestionVersion, form: FlagForm) -> int:
    """The status to answer with; what was typed stays in the form unless it is stored."""
    if not form.is_valid():
        return 422
    try:
        QuestionFlag.objects.report(version, by=request.user, now=request.now, **form.cleaned_data)
    except TooManyFlags as refusal:
        form.add_error(None, str(refusal))
        # htmx swaps a 422 and shows it; a 429 it leaves alone.
        return 422 if request.htmx else 429
    return 200
