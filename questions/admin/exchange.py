"""Uploading questions (our YAML, Moodle GIFT, Moodle XML) and downloading them (Moodle XML, CSV)."""

from dataclasses import asdict

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from questions.exchange import moodle_xml, plan, table
from questions.exchange.items import Incoming, Remark
from questions.exchange.reading import Defaults, read
from questions.models import Category, Level, Topic
from questions.strict_yaml import MAX_BYTES

PREVIEW_LASTS = 3600  # seconds
# What else is posted with a preview: the token against forged requests, the button.
FORM_BYTES = 10_000
CHANGELIST = "admin:questions_questionversion_changelist"


class UploadForm(forms.Form):
    file = forms.FileField(help_text="A catalog file (.yaml), Moodle XML (.xml) or GIFT (.gift, .txt), 5 MB at most.")
    topic = forms.ModelChoiceField(Topic.objects.top_level(), empty_label=None)
    level = forms.ChoiceField(choices=Level.choices)
    category = forms.ChoiceField(choices=Category.choices)

    def clean_file(self):
        if self.cleaned_data["file"].size > MAX_BYTES:
            raise forms.ValidationError("The file is larger than 5 MB.")
        return self.cleaned_data["file"]

    def read(self):
        chosen = self.cleaned_data
        defaults = Defaults(chosen["topic"].slug, chosen["level"], chosen["category"])
        return read(chosen["file"].name, chosen["file"].read(), defaults)


class ExchangeAdmin(admin.ModelAdmin):
    """The pages and actions by which versions come in and go out."""

    change_list_template = "admin/questions/questionversion/change_list.html"

    def get_urls(self):
        pages = [("upload", self.upload_view), ("upload/apply", self.apply_view)]
        return [
            path(
                f"{page}/",
                self.admin_site.admin_view(view),
                name=f"questions_questionversion_{page.replace('/', '_')}",
            )
            for page, view in pages
        ] + super().get_urls()

    def upload_view(self, request):
        """The form; and after it what the file would change, with nothing changed yet."""
        self._require_curator(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if not form.is_valid():
            return self._page(request, "upload", {"title": "Upload questions", "form": form})
        reading, name = form.read(), form.cleaned_data["file"].name
        payload = ""
        if not reading.faults:
            steps = plan.plan(reading.incoming)
            payload = self._signed(request, name, reading.incoming, plan.fingerprint(steps))
            if len(payload) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE - FORM_BYTES:
                reading.faults.append(Remark(0, "", "More than can be confirmed at once: cut the file in two."))
        if reading.faults:
            context = {"title": f"{name} cannot be loaded", "name": name, "reading": reading, "form": form}
            return self._page(request, "upload", context, status=422)
        return self._preview(request, name, steps, payload, reading=reading)

    def apply_view(self, request):
        """All of what the preview showed, or, if it is no longer true, another preview and nothing."""
        self._require_curator(request)
        if request.method != "POST":
            return redirect("admin:questions_questionversion_upload")
        try:
            seen = signing.loads(request.POST.get("preview", ""), salt=self._salt(request), max_age=PREVIEW_LASTS)
        except signing.BadSignature:
            self.message_user(request, "That preview is over an hour old: choose the file again.", messages.ERROR)
            return redirect("admin:questions_questionversion_upload")
        incoming = [Incoming(**question) for question in seen["incoming"]]
        try:
            steps = plan.apply(incoming, seen["fingerprint"], by=request.user, now=request.now)
        except plan.BankChanged:
            self.message_user(request, "The questions have changed since: look again.", messages.WARNING)
            steps = plan.plan(incoming)
            payload = self._signed(request, seen["name"], incoming, plan.fingerprint(steps))
            return self._preview(request, seen["name"], steps, payload, status=409)
        self.message_user(request, f"{seen['name']}: {self._counted(steps)}. They are drafts.", messages.SUCCESS)
        return redirect(f"{reverse(CHANGELIST)}?status__exact=draft")

    def _require_curator(self, request) -> None:
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied

    def _salt(self, request) -> str:
        return f"questions.upload.{request.user.pk}"

    def _signed(self, request, name: str, incoming: list[Incoming], fingerprint: list) -> str:
        """What was read travels through the page, so that nothing is stored before it is confirmed."""
        seen = {"name": name, "incoming": [asdict(question) for question in incoming], "fingerprint": fingerprint}
        return signing.dumps(seen, salt=self._salt(request), compress=True)

    def _preview(self, request, name: str, steps: list, payload: str, reading=None, status: int = 200):
        context = {
            "title": f"What {name} would change",
            "reading": reading,
            "steps": steps,
            "counted": self._counted(steps),
            "changes_something": any(step.kind != "unchanged" for step in steps),
            "preview": payload,
        }
        return self._page(request, "upload_preview", context, status=status)

    def _counted(self, steps: list) -> str:
        kinds = [step.kind for step in steps]
        new, versions, unchanged = (kinds.count(kind) for kind in ("new", "new version", "unchanged"))
        return f"{new} new, {versions} as a new version, {unchanged} unchanged"

    def _page(self, request, template: str, context: dict, status: int = 200) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts} | context
        return render(request, f"admin/questions/{template}.html", context, status=status)

    @admin.action(description="Download as Moodle XML", permissions=["view"])
    def export_moodle(self, request, queryset):
        return _download(moodle_xml.written(queryset.with_content()), "application/xml", "questions.xml")

    @admin.action(description="Download as CSV", permissions=["view"])
    def export_csv(self, request, queryset):
        return _download(table.written(queryset.with_content()), "text/csv; charset=utf-8", "questions.csv")


def _download(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
