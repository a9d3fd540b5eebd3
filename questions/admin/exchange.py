"""Uploading questions (our YAML, Moodle GIFT, Aiken, Moodle XML) and downloading them (Moodle XML, CSV)."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.publishing import publish
from questions.admin.upload_forms import ChoicesForm, UploadForm
from questions.exchange import moodle_export, plan, table
from questions.exchange.uploads import CHANGED
from questions.models import QuestionUpload
from questions.tasks import work_on_upload

CHANGELIST = "admin:questions_questionversion_changelist"
UPLOAD = "admin:questions_questionversion_upload"
UPLOADED = "admin:questions_questionversion_uploaded"
PER_PAGE = 50
REMARKS = {
    "faults": "Cannot be loaded",
    "skipped": "Left out",
    "notes": "What does not carry over",
}


class ExchangeAdmin(admin.ModelAdmin):
    """The pages and actions by which versions come in and go out."""

    change_list_template = "admin/questions/questionversion/change_list.html"

    def get_urls(self):
        one = "upload/<uuid:public_id>/"
        pages = [
            ("upload/", self.upload_view, "upload"),
            (one, require_safe(self.uploaded_view), "uploaded"),
            (f"{one}panel/", require_safe(self.uploaded_panel_view), "uploaded_panel"),
            (f"{one}load/", require_POST(self.load_view), "upload_load"),
        ]
        return [
            path(route, self.admin_site.admin_view(view), name=f"questions_questionversion_{name}")
            for route, view, name in pages
        ] + super().get_urls()

    def upload_view(self, request):
        """Takes a file, to be read by a worker; nothing of it is looked at here."""
        self._require_curator(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if not form.is_valid():
            context = {"title": "Upload questions", "form": form}
            return self._page(request, "upload", context, status=422 if form.is_bound else 200)
        upload = form.save(user=request.user, now=request.now)
        publish(work_on_upload, upload.pk)
        return redirect(UPLOADED, upload.public_id)

    def uploaded_view(self, request, public_id):
        """How far it is; and once it was read, what it would change, with nothing changed yet."""
        upload = self._own(request, public_id)
        if upload.is_working:
            context = self._progress(request, upload) | {"title": upload.name}
            return self._page(request, "upload_progress", context)
        page = _page_of(upload, request.GET.get("page"))
        return self._preview(request, upload, ChoicesForm(upload=upload, questions=page.object_list), page)

    def uploaded_panel_view(self, request, public_id):
        """The progress alone. While a worker is at it, it polls; then it asks for the whole page."""
        upload = self._own(request, public_id)
        if not request.htmx:
            return redirect(UPLOADED, public_id)
        if not upload.is_working or upload.has_failed(request.now):
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "admin/questions/_upload_progress.html", self._progress(request, upload))

    def load_view(self, request, public_id):
        """Keeps what was chosen on this page; "load" also confirms all pages, and a worker loads them."""
        upload = self._own(request, public_id)
        if upload.read_at is None or upload.confirmed_at:
            return redirect(UPLOADED, public_id)
        page = _page_of(upload, request.POST.get("page"))
        form = ChoicesForm(request.POST, upload=upload, questions=page.object_list)
        if not form.is_valid():
            return self._preview(request, upload, form, page, status=422)
        if request.POST.get("seen") != plan.fingerprint(plan.plan_of(upload)):
            form.add_error(None, CHANGED)
            return self._preview(request, upload, form, page, status=409)
        form.save()
        if "load" not in request.POST:
            number = page.next_page_number() if page.has_next() else page.number
            return redirect(f"{reverse(UPLOADED, args=[public_id])}?page={number}")
        if orphans := plan.orphans(upload):
            form.add_error(None, f"“{orphans[0]}” belongs to an open question that you skip. Skip both or neither.")
            return self._preview(request, upload, form, page, status=422)
        if upload.confirm(plan.fingerprint(plan.plan_of(upload)), now=request.now):
            publish(work_on_upload, upload.pk)
        return redirect(UPLOADED, public_id)

    def _own(self, request, public_id) -> QuestionUpload:
        """404 for everybody but its owner."""
        self._require_curator(request)
        return get_object_or_404(request.user.question_uploads.defer("source"), public_id=public_id)

    def _require_curator(self, request) -> None:
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied

    def _progress(self, request, upload) -> dict:
        waited = (request.now - (upload.confirmed_at or upload.requested_at)).total_seconds()
        has_failed = upload.has_failed(request.now)
        return {"upload": upload, "has_failed": has_failed, "poll_seconds": 1 if waited < 30 else 10}

    def _preview(self, request, upload, form, page, status: int = 200) -> HttpResponse:
        everything = plan.plan_of(upload)
        steps = {step.question.place: step for step in plan.plan(page.object_list, with_content=True)}
        context = {
            "title": f"What {upload.name} would change",
            "upload": upload,
            "form": form,
            "page": page,
            "rows": [(steps[question.place], choice, target) for question, choice, target in form.rows()],
            "counted": plan.counted(everything),
            "seen": plan.fingerprint(everything),
            "remarks": _remarks(upload),
        }
        return self._page(request, "upload_preview", context, status=status)

    def _page(self, request, template: str, context: dict, status: int = 200) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts} | context
        return render(request, f"admin/questions/{template}.html", context, status=status)

    @admin.action(description="Download as Moodle XML", permissions=["view"])
    def export_moodle(self, request, queryset):
        return _download(moodle_export.written(queryset.with_content()), "application/xml", "questions.xml")

    @admin.action(description="Download as CSV", permissions=["view"])
    def export_csv(self, request, queryset):
        return _download(table.written(queryset.with_content()), "text/csv; charset=utf-8", "questions.csv")


def _page_of(upload: QuestionUpload, number: str | None):
    return Paginator(upload.questions.select_related("target"), PER_PAGE).get_page(number)


def _remarks(upload: QuestionUpload) -> list[tuple[str, list[dict], int]]:
    """(heading, the first of them, how many more there are) of each kind."""
    return [
        (heading, shown := upload.remarks.get(kind, []), upload.remark_counts.get(kind, 0) - len(shown))
        for kind, heading in REMARKS.items()
    ]


def _download(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
