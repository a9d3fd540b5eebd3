"""Interviews and answers are records: readable here by admins, never changed, and without the candidates' texts."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path

from accounts.admin import Record
from accounts.models import AccessLog
from interviews.coaching import notices, point_agreement
from interviews.interviewer.models import ModelCall, ModelTrial, PointExample
from interviews.records.models import DataExport
from interviews.report.models import WeaknessReport
from interviews.sitting.forms import InterventionForm
from interviews.sitting.models import (
    EvidenceChange,
    Interview,
    InterviewEvent,
    InterviewQuestion,
    Refused,
    TimeAdjustment,
)


class RecordInline(Record, admin.TabularInline):
    extra = 0


class QuestionInline(RecordInline):
    model = InterviewQuestion
    # What was written is the candidate's: an administrator runs the site and does not read along.
    fields = ["position", "version", "state", "opened_at", "closed_at", "rev", "score", "graded_by"]


class EventInline(RecordInline):
    model = InterviewEvent
    fields = ["at", "kind", "position", "actor"]


class AdjustmentInline(RecordInline):
    model = TimeAdjustment
    fields = ["at", "seconds", "reason", "by"]


@admin.register(Interview)
class InterviewAdmin(Record, admin.ModelAdmin):
    list_display = ["public_id", "candidate", "title", "pace", "state", "started_at", "closed_at", "scoring_attempts"]
    list_select_related = ["candidate"]
    list_filter = ["state", "pace", "track"]
    search_fields = ["public_id", "candidate__email"]
    date_hierarchy = "started_at"
    inlines = [QuestionInline, AdjustmentInline, EventInline]
    show_full_result_count = False

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("questions__version")

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context=None):
        """Scores and times are a look at somebody's answers, too: the candidate reads who looked."""
        response = super().change_view(request, object_id, form_url, extra_context)
        interview = self.get_object(request, object_id)
        if response.status_code == 200 and interview:
            subject = f"{interview.title}, {interview.started_at:%-d %b %Y}: scores and events, by an administrator"
            AccessLog.objects.note_look(request.user, interview, subject, now=request.now)
        return response

    def get_urls(self):
        intervene = self.admin_site.admin_view(self.intervene)
        return [path("<int:pk>/intervene/", intervene, name="interviews_interview_intervene"), *super().get_urls()]

    def intervene(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Time added, a reopening or a void: with a reason, by an administrator, recorded as an event."""
        if not request.user.is_superuser:
            raise PermissionDenied
        interview = get_object_or_404(Interview, pk=pk)
        form = InterventionForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                with Interview.objects.under_lock(interview.public_id, now=request.now) as locked:
                    form.apply(locked, by=request.user, now=request.now)
                    if form.cleaned_data["action"] == "void":
                        notices.voided(locked, reason=form.cleaned_data["reason"], by=request.user, now=request.now)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, "Done and recorded.")
                return redirect("admin:interviews_interview_change", pk)
        context = {**self.admin_site.each_context(request), "title": f"Intervene: {interview}", "form": form}
        return TemplateResponse(request, "admin/interviews/intervene.html", context | {"interview": interview})


@admin.register(WeaknessReport)
class WeaknessReportAdmin(Record, admin.ModelAdmin):
    list_display = ["public_id", "candidate", "compiled_at", "model_version", "difficulty_snapshot"]
    list_select_related = ["candidate"]
    fields = ["public_id", "candidate", "compiled_at", "model_version", "difficulty_snapshot", "evidence_version"]
    search_fields = ["candidate__email"]
    show_full_result_count = False


@admin.register(EvidenceChange)
class ReportRequestAdmin(Record, admin.ModelAdmin):
    """Here a report that failed three times can be found."""

    list_display = ["candidate", "requested_at", "requested", "served", "attempts"]
    list_select_related = ["candidate"]
    list_filter = ["attempts"]
    search_fields = ["candidate__email"]


@admin.register(DataExport)
class DataExportAdmin(Record, admin.ModelAdmin):
    """Here an export that failed three times can be found; nobody opens one that is not theirs."""

    list_display = ["user", "requested_at", "attempts", "parts_done", "parts", "ready_at", "expires_at"]
    list_select_related = ["user"]
    fields = ["user", "requested_at", "attempts", "parts_done", "parts", "ready_at", "expires_at", "size"]
    list_filter = ["attempts"]
    search_fields = ["user__email"]


class Undecided(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("all", "decided, too")]

    def queryset(self, request, queryset):
        return queryset if self.value() == "all" else queryset.waiting()


@admin.register(PointExample)
class PointExampleAdmin(Record, admin.ModelAdmin):
    """Sentences that candidates kept for a rubric point: the ones that are taken into the bank find others like them.

    A curator sees the words, and not whose they are or in which interview they stand.
    """

    list_display = ["text", "point", "question_title", "is_approved", "decided_at"]
    list_display_links = None
    list_select_related = ["point__version"]
    list_filter = [Undecided]
    actions = ["take", "leave"]
    show_full_result_count = False

    def has_view_permission(self, request, obj=None):
        """Of the list alone: a row's own page would say whose it is."""
        return obj is None and request.user.has_perm("interviews.view_pointexample")

    def get_urls(self):
        view = self.admin_site.admin_view(self.points_by_difference)
        return [path("differences/", view, name="interviews_points_by_difference"), *super().get_urls()]

    def points_by_difference(self, request: HttpRequest) -> HttpResponse:
        """Counts alone, and of no person."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | {
            "title": "Points where coaches differ from what was found",
            "points": list(point_agreement.points_by_difference()),
            "fewest": point_agreement.FEWEST_MARKS,
        }
        return TemplateResponse(request, "admin/interviews/points_by_difference.html", context)

    @admin.display(description="question")
    def question_title(self, example: PointExample) -> str:
        return example.point.version.title

    @admin.action(description="Take into the bank", permissions=["decide"])
    def take(self, request, queryset):
        self.decide(request, queryset, approves=True)

    @admin.action(description="Leave out", permissions=["decide"])
    def leave(self, request, queryset):
        self.decide(request, queryset, approves=False)

    def has_decide_permission(self, request) -> bool:
        return request.user.has_perm("interviews.change_pointexample")

    def decide(self, request, queryset, *, approves: bool) -> None:
        """The candidate reads that somebody saw the sentence."""
        for example in queryset.select_related("question__interview"):
            interview = example.question.interview
            example.decide(approves=approves, by=request.user, now=request.now)
            subject = f"{interview.title}: a sentence that you kept for a rubric point, without your name"
            AccessLog.objects.note_look(request.user, interview, subject, now=request.now)


@admin.register(ModelCall)
class ModelCallAdmin(Record, admin.ModelAdmin):
    """What was sent to a language model, came back and cost. A call's own page shows an answer: its candidate reads who
    looked.
    """

    list_display = ["at", "service", "model", "outcome", "prompt_tokens", "reply_tokens", "cost"]
    fields = [*list_display, "prompt", "reply"]
    list_filter = ["outcome", "model"]
    date_hierarchy = "at"
    show_full_result_count = False

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context=None):
        response = super().change_view(request, object_id, form_url, extra_context)
        call = self.get_object(request, object_id)
        interview = call and call.question.interview
        if response.status_code == 200 and interview:
            subject = f"{interview.title}: what a language model was sent of an answer, by an administrator"
            AccessLog.objects.note_look(request.user, interview, subject, now=request.now)
        return response


@admin.register(ModelTrial)
class ModelTrialAdmin(Record, admin.ModelAdmin):
    list_display = ["at", "service", "model", "prompt_version", "is_fit"]
