"""Versions of questions: their list, their form, their way from draft to retired."""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join

from accounts.rights import acting
from questions import catalog_files, remarks, version_diff
from questions.admin import numbers, rows
from questions.admin.checked import CheckedInitial
from questions.admin.exchange import ExchangeAdmin
from questions.admin.filters import FormatFilter, ProblemFilter, StatisticsFilter, TopicFilter, VersionsFilter
from questions.admin.version_form import (
    ABOUT,
    COMMENTS,
    INLINES,
    MARKDOWN,
    PARTS,
    VersionForm,
    answer_shape,
    known_format,
)
from questions.models import DifficultySnapshot, Question, QuestionFlag, QuestionVersion, Status


class NothingChanged(Exception):
    """Rolls a save back that would have made a version equal to the one before."""


@admin.register(QuestionVersion)
class QuestionVersionAdmin(CheckedInitial, ExchangeAdmin):
    form = VersionForm
    inlines = INLINES
    formfield_overrides = MARKDOWN
    list_display = ["question_and_title", "state", "facility", "discrimination", "worth_a_look", "problems"]
    list_filter = [VersionsFilter, "status", TopicFilter, "level", FormatFilter, ProblemFilter, StatisticsFilter]
    list_per_page = 50
    search_fields = ["question__slug", "title"]
    show_full_result_count = False
    autocomplete_fields = ["question"]
    actions = ["send_to_review", "send_back", "publish", "retire", "export_moodle", "export_csv"]
    change_form_template = "admin/questions/questionversion/change_form.html"

    class Media:
        css = {"all": ["css/admin.css", "vendor/katex/katex.min.css"]}
        js = [forms.Script("vendor/katex/katex.min.js", defer=True), forms.Script("js/questions/maths.js", defer=True)]

    # The list: it reads rows that were computed at night, however many answers there are.

    def get_queryset(self, request):
        flags = QuestionFlag.objects.open().filter(question=OuterRef("question")).order_by().values("question")
        return (
            super()
            .get_queryset(request)
            .select_related("question__statistics")
            .prefetch_related("topic_links__topic")
            .annotate(open_flags=Coalesce(Subquery(flags.annotate(count=Count("pk")).values("count")), 0))
        )

    @admin.display(description="question", ordering="question__slug")
    def question_and_title(self, version):
        parts = [*version.ordered_topics[:1], version.get_level_display(), version.question_format.label]
        about = " · ".join(str(part) for part in parts)
        return format_html("{}<br><small>{}</small><br><small>{}</small>", version.title, version.question.slug, about)

    @admin.display(description="status", ordering="status")
    def state(self, version):
        return format_html("{}<br><small>version {}</small>", version.get_status_display(), version.number)

    @admin.display(ordering="question__statistics__facility")
    def facility(self, version):
        item = getattr(version.question, "statistics", None)
        return item and numbers.facility(item)

    @admin.display(ordering="question__statistics__discrimination")
    def discrimination(self, version):
        item = getattr(version.question, "statistics", None)
        return item and numbers.discrimination(item)

    @admin.display(description="worth a look", empty_value="")
    def worth_a_look(self, version):
        item = getattr(version.question, "statistics", None)
        return format_html_join(
            " ", '<span class="badge">{}</span>', ((flag,) for flag in (item.flags if item else []))
        )

    @admin.display(description="problems", ordering="open_flags", empty_value="")
    def problems(self, version):
        return version.open_flags or ""

    # The form

    def get_fieldsets(self, request, obj=None):
        parts = self._parts(request, obj)
        if not (obj or request.predecessor):
            return [(None, {"fields": ABOUT + parts})]
        return [
            (None, {"fields": ["question", "number", "status", "history", "reported", "statistics"]}),
            ("As it is stored", {"fields": ["preview", "remarks"]}),
            ("Content", {"fields": ABOUT[1:] + parts}),
            *([("Comments", {"fields": ["comments", *COMMENTS]})] if obj and not obj.is_fixed else []),
        ]

    def _parts(self, request, version) -> list[str]:
        """The fields that a question of this format has; all of them before it has one."""
        shown = version or request.predecessor
        format = known_format(request.POST.get("format") or (shown and shown.format))
        if format is None:
            return PARTS
        used = {"answer": answer_shape(format), "stages": "stages" in format.field_names}
        used |= {"follow_ups": not format.is_closed}
        return [part for part in PARTS if used.get(part, True)]

    @admin.display(description="To look at")
    def remarks(self, version):
        """What would keep it from being published, and what its author should look at again."""
        if not version.pk:
            return "Save it to see what it lacks."
        version = QuestionVersion.objects.with_content().get(pk=version.pk)
        found = remarks.remarks_on(version)
        if not found:
            return "Nothing. Publishing also runs its code or its queries, if it has any."
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((remark,) for remark in found)))

    def get_readonly_fields(self, request, obj=None):
        facts = ["number", "status", "history", "reported", "statistics", "preview", "remarks", "comments"]
        return ["question", *facts] if obj or request.predecessor else facts

    @admin.display(description="Preview")
    def preview(self, version):
        if not version.pk:
            return "Save to see a preview."
        version = QuestionVersion.objects.with_content().get(pk=version.pk)
        return render_to_string("admin/questions/preview.html", {"version": version})

    @admin.display(description="History")
    def history(self, version):
        events = version.events.select_related("actor") if version.pk else []
        return render_to_string("admin/questions/history.html", {"events": events})

    @admin.display(description="So far")
    def comments(self, version):
        comments = version.comments.select_related("author")[:200] if version.pk else []
        return render_to_string("admin/questions/comments.html", {"comments": comments})

    @admin.display(description="Reported problems")
    def reported(self, version):
        flags = version.question.flags.all() if version.pk else []
        rows = [(reverse("admin:questions_questionflag_change", args=[flag.pk]), flag) for flag in flags[:20]]
        if not rows:
            return "None."
        return format_html(
            "<ul>{}</ul>",
            format_html_join(
                "",
                '<li><a href="{}">{}</a> {}</li>',
                ((url, flag.get_reason_display(), "open" if flag.is_open else "answered") for url, flag in rows),
            ),
        )

    @admin.display(description="Statistics")
    def statistics(self, version):
        item = getattr(version.question, "statistics", None) if version.pk else None
        if item is None:
            return "No first attempts yet."
        snapshot = DifficultySnapshot.objects.newest().first()
        difficulty = snapshot and snapshot.difficulties.filter(question=version.question).first()
        return render_to_string("admin/questions/statistics.html", {"facts": list(numbers.facts(item, difficulty))})

    def has_delete_permission(self, request, obj=None):
        """A draft only, one at a time: what has been published stays, retired at most."""
        return bool(obj and not obj.is_fixed) and super().has_delete_permission(request, obj)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        request.predecessor = None
        version = self.get_object(request, object_id) if object_id else None
        context = self._buttons(request, version) | (extra_context or {})
        if rows.BUTTON in request.POST:
            request.POST = rows.moved(request.POST)
        if "_try" in request.POST:
            request.POST = request.POST.copy()
            request.POST["_continue"] = "yes"  # back to this page, with what came of it
        if request.method == "POST" and version and version.is_fixed:
            request.predecessor = version
            # Django's "save as new" takes the whole posted form and its rows for a new object.
            request.POST = request.POST.copy()
            request.POST["_saveasnew"] = "yes"
            context |= {"show_save": True}
        try:
            with acting(request.user):
                return super().changeform_view(request, object_id, form_url, context)
        except NothingChanged:
            self.message_user(request, "Nothing was changed, so there's no new version.", messages.WARNING)
            return redirect(request.path)

    def _buttons(self, request, version) -> dict:
        may_publish_own = settings.CURATORS_MAY_PUBLISH_OWN
        is_own_work = version is None or version.is_fixed  # saving makes a version of one's own
        return {
            "version": version,
            "shows_review": version is None or version.status == Status.DRAFT,
            "shows_try": version is not None and not version.is_fixed and version.question_format.takes_code,
            "shows_send_back": version is not None and version.status == Status.IN_REVIEW,
            "shows_publish": (version is None or version.status != Status.PUBLISHED)
            and (may_publish_own if is_own_work else version.may_be_published_by(request.user)),
            "may_publish_own": may_publish_own,
            "before": version and version.question.versions.filter(number__lt=version.number).first(),
        }

    def save_model(self, request, obj, form, change):
        if not change:
            if request.predecessor:
                obj.question = request.predecessor.question
            obj.question.lock()
            obj.number = obj.question.next_number()
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        version = QuestionVersion.objects.with_content().get(pk=form.instance.pk)
        version.store_content_hash()
        if text := form.cleaned_data.get("comment"):
            version.comment(text, field=form.cleaned_data["comment_on"], by=request.user, now=request.now)
        before = request.predecessor
        if before and before.content_hash == version.content_hash:
            raise NothingChanged
        if "_publish" in request.POST or (before and before.status == Status.PUBLISHED):
            self._publish_saved(request, version)
        elif "_review" in request.POST:
            version.send_to_review(by=request.user)
        elif "_try" in request.POST:
            self._try(request, version)
        elif "_send_back" in request.POST and version.status == Status.IN_REVIEW:
            version.send_back(by=request.user)

    def _try(self, request, version) -> None:
        """Runs its solution, and what must fail, as publishing will."""
        if faults := catalog_files.faults_of(version):
            self._refused(request, [(version, "is saved. It needs:", faults)])
        else:
            self.message_user(request, "Saved and run: every result is as it should be.", messages.SUCCESS)

    def _publish_saved(self, request, version) -> None:
        """As far as it may go: to the candidates, else to somebody else's review; incomplete it stays a draft."""
        if faults := catalog_files.faults_of(version):
            self._refused(request, [(version, "is not published. It needs:", faults)])
            return
        for warning in catalog_files.warnings_of(version):
            self.message_user(request, f"“{version}”, {warning}.", messages.WARNING)
        if version.status == Status.DRAFT:
            version.send_to_review(by=request.user)
        if version.may_be_published_by(request.user):
            version.publish(by=request.user, now=request.now)
        else:
            text = (
                f"“{version}” is waiting for review. You wrote at least part of it, so someone else has to publish it."
            )
            self.message_user(request, text, messages.WARNING)

    def _refused(self, request, refusals) -> None:
        for version, text, reasons in refusals:
            listed = format_html_join("", "<li>{}</li>", ((reason,) for reason in reasons))
            self.message_user(request, format_html("“{}” {}<ul>{}</ul>", str(version), text, listed), messages.ERROR)

    # Steps of many versions at once, each after a confirmation

    @admin.action(description="Send to review…", permissions=["change"])
    def send_to_review(self, request, queryset):
        return self._confirmed(request, queryset, "send_to_review", "sent to review")

    @admin.action(description="Send back to the author…", permissions=["change"])
    def send_back(self, request, queryset):
        return self._confirmed(request, queryset, "send_back", "sent back")

    @admin.action(description="Publish…", permissions=["change"])
    def publish(self, request, queryset):
        return self._confirmed(request, queryset, "publish", "published")

    @admin.action(description="Retire…", permissions=["change"])
    def retire(self, request, queryset):
        return self._confirmed(request, queryset, "retire", "retired")

    def _confirmed(self, request, queryset, step: str, done: str):
        if "confirmed" not in request.POST:
            context = self.admin_site.each_context(request) | {
                "title": f"{len(queryset)} to be {done}",
                "opts": self.opts,
                "versions": queryset,
                "step": step,
                "done": done,
                "selected": request.POST.getlist("_selected_action"),
                "select_across": request.POST.get("select_across", "0"),
            }
            return TemplateResponse(request, "admin/questions/questionversion/confirm_step.html", context)
        refusals = []
        for version in queryset.with_content():
            try:
                if step == "publish":
                    self._publish_reviewed(request, version)
                else:
                    getattr(version, step)(by=request.user)
            except ValidationError as refusal:
                refusals.append((version, f"is not {done}:", refusal.messages))
        self._refused(request, refusals)
        count = len(queryset) - len(refusals)
        self.message_user(request, f"{count} {done}.", messages.SUCCESS if count else messages.WARNING)
        return None

    def _publish_reviewed(self, request, version) -> None:
        if faults := catalog_files.faults_of(version):
            raise ValidationError([str(fault) for fault in faults])
        version.publish(by=request.user, now=request.now)

    # Pages of their own

    def get_urls(self):
        views = [("compare", self.compare_view), ("as-candidate", self.as_candidate_view)]
        name = "questions_questionversion_{}"
        return [
            path(f"<int:pk>/{page}/", self.admin_site.admin_view(view), name=name.format(page.replace("-", "_")))
            for page, view in views
        ] + super().get_urls()

    def _shown(self, request, pk: int) -> QuestionVersion:
        version = get_object_or_404(QuestionVersion.objects.with_content(), pk=pk)
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        return version

    def compare_view(self, request, pk):
        """This version beside another of its question: the one before, or number `with`."""
        after = self._shown(request, pk)
        others = Question.objects.get(pk=after.question_id).versions.exclude(pk=pk)
        number = request.GET.get("with", "")
        chosen = others.filter(number=number) if number.isdecimal() else others.filter(number__lt=after.number)
        before = chosen.with_content().first()
        context = self.admin_site.each_context(request) | {
            "title": f"What changed in {after}",
            "opts": self.opts,
            "before": before,
            "after": after,
            "others": others,
            "changes": version_diff.changes(before, after) if before else [],
        }
        return render(request, "admin/questions/questionversion/compare.html", context)

    def as_candidate_view(self, request, pk):
        """The page of the question as it will be sat, and what stands in the results."""
        version = self._shown(request, pk)
        if missing := version.question_format.missing_from(version.content()):
            self.message_user(request, f"This can't be asked yet. Missing: {', '.join(missing)}.", messages.WARNING)
            return redirect("admin:questions_questionversion_change", pk)
        context = {
            "version": version,
            "options": version.question_format.presented(version, seed=version.pk),
            "answer": [],
            "position": 1,
            "errors": [],
            "readonly": False,
        }
        return render(request, "admin/questions/questionversion/as_candidate.html", context)
