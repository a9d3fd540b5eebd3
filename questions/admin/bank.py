"""Questions, topics and tracks."""

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from questions import formats
from questions.admin.checked import BoundedRows, CheckedInitial
from questions.models import Category, Level, Question, Topic, Track, TrackSection


@admin.register(Question)
class QuestionAdmin(CheckedInitial, admin.ModelAdmin):
    list_display = ["slug", "source", "companion_of", "created_at"]
    list_select_related = ["companion_of"]
    search_fields = ["slug", "source"]
    autocomplete_fields = ["companion_of"]
    show_full_result_count = False

    def get_fields(self, request, obj=None):
        return ["slug", "source", "companion_of", "suggests_points", *(["versions"] if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        return ["slug", "versions"] if obj else []

    @admin.display(description="Versions")
    def versions(self, question):
        page = "admin:questions_questionversion_change"
        rows = [
            (reverse(page, args=[version.pk]), version, version.get_status_display())
            for version in question.versions.order_by("-number")
        ]
        return format_html("<ul>{}</ul>", format_html_join("", '<li><a href="{}">{}</a> {}</li>', rows))


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "parent", "position"]
    list_select_related = ["parent"]
    list_filter = [("parent", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["name", "slug"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "parent":
            kwargs["queryset"] = Topic.objects.top_level()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class SectionForm(forms.ModelForm):
    class Meta:
        model = TrackSection
        fields = ["position", "name", "count", "levels", "categories", "topics", "subtopics", "formats"]

    def clean(self):
        known = {
            "levels": Level.values,
            "categories": Category.values,
            "topics": Topic.objects.top_level().values_list("slug", flat=True),
            "subtopics": Topic.objects.subtopics().values_list("slug", flat=True),
            "formats": [format.name for format in formats.all()],
        }
        for name, values in known.items():
            for value in self.cleaned_data.get(name, []):
                if value not in values:
                    self.add_error(name, f"There is no “{value}”.")


class SectionInline(BoundedRows, admin.StackedInline):
    model = TrackSection
    form = SectionForm
    extra = 0


@admin.register(Track)
class TrackAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "company", "role", "limit_seconds", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "slug", "company"]
    inlines = [SectionInline]
