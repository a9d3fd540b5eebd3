"""Interviews and answers are records: readable here by admins, never changed, and without the candidates' texts."""

from django.contrib import admin

from interviews.models import (
    Interview,
    InterviewEvent,
    InterviewQuestion,
    ReportRequest,
    TimeAdjustment,
    WeaknessReport,
)


class Record:
    """Nothing can be added, changed or deleted here."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


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


@admin.register(WeaknessReport)
class WeaknessReportAdmin(Record, admin.ModelAdmin):
    list_display = ["public_id", "candidate", "compiled_at", "model_version", "difficulty_snapshot"]
    list_select_related = ["candidate"]
    fields = ["public_id", "candidate", "compiled_at", "model_version", "difficulty_snapshot", "evidence_version"]
    search_fields = ["candidate__email"]
    show_full_result_count = False


@admin.register(ReportRequest)
class ReportRequestAdmin(Record, admin.ModelAdmin):
    """Here a report that failed three times can be found."""

    list_display = ["candidate", "requested_at", "requested", "served", "attempts"]
    list_select_related = ["candidate"]
    list_filter = ["attempts"]
    search_fields = ["candidate__email"]
