"""Curating the item bank. A published version is never edited: saving a change of it makes the next version."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from questions import catalog_files, formats, markup
from questions.models import (
    Category,
    Level,
    Misconception,
    Option,
    Question,
    QuestionVersion,
    RubricPoint,
    Status,
    Topic,
    Track,
    TrackSection,
    VersionTopic,
)


class Lines(forms.CharField):
    """A textarea's lines end in \\r\\n; the catalog's in \\n, and the two must have one hash."""

    default_validators = [markup.validate_size]

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class JSONList(forms.JSONField):
    def to_python(self, value):
        items = super().to_python(value)
        if items is not None and not isinstance(items, list):
            raise ValidationError("A list is needed: […, …].")
        return items or []


class JSONObject(forms.JSONField):
    def to_python(self, value):
        fields = super().to_python(value)
        if fields is not None and not isinstance(fields, dict):
            raise ValidationError('Named values are needed: {"…": …}.')
        return fields


class SubtopicField(forms.ModelChoiceField):
    def label_from_instance(self, subtopic):
        return f"{subtopic.parent} › {subtopic}"


MARKDOWN = {models.TextField: {"form_class": Lines}}


# Versions


ABOUT = ["question", "title", "level", "category", "subtopic", "format", "limit_seconds"]
PARTS = ["prompt", "answer", "stages", "model_answer", "references"]


class VersionForm(forms.ModelForm):
    format = forms.ChoiceField(choices=lambda: [(format.name, format.label) for format in formats.all()])
    subtopic = SubtopicField(Topic.objects.subtopics().select_related("parent"), required=False)

    class Meta:
        model = QuestionVersion
        fields = [*ABOUT, *PARTS]
        field_classes = {"answer": JSONObject, "stages": JSONList, "references": JSONList}


class RubricPointForm(forms.ModelForm):
    class Meta:
        model = RubricPoint
        fields = ["position", "text", "weight", "says"]
        field_classes = {"says": JSONList}


class PartInline(admin.TabularInline):
    extra = 0
    formfield_overrides = MARKDOWN


class TopicInline(PartInline):
    model = VersionTopic
    verbose_name = "topic"
    fields = ["position", "topic"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "topic":
            kwargs["queryset"] = Topic.objects.top_level()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class OptionInline(PartInline):
    model = Option
    verbose_name_plural = "options, or the steps of an ordering in the right order"
    fields = ["position", "text", "is_right", "why"]


class RubricPointInline(PartInline):
    model = RubricPoint
    form = RubricPointForm


class MisconceptionInline(PartInline):
    model = Misconception
    fields = ["position", "statement", "correction"]


class VersionsFilter(admin.SimpleListFilter):
    title = "versions"
    parameter_name = "versions"

    def lookups(self, request, model_admin):
        return [("all", "All versions")]

    def choices(self, changelist):
        newest, *others = super().choices(changelist)
        return [newest | {"display": "The newest of each question"}, *others]

    def queryset(self, request, queryset):
        return queryset if self.value() else queryset.newest()


class TopicFilter(admin.SimpleListFilter):
    title = "topic"
    parameter_name = "topic"

    def lookups(self, request, model_admin):
        return [(topic.slug, topic.name) for topic in Topic.objects.top_level()]

    def queryset(self, request, queryset):
        return queryset.on_topics([self.value()]) if self.value() else queryset


class FormatFilter(admin.SimpleListFilter):
    title = "format"
    parameter_name = "format"

    def lookups(self, request, model_admin):
        return [(format.name, format.label) for format in formats.all()]

    def queryset(self, request, queryset):
        return queryset.filter(format=self.value()) if self.value() else queryset


class NothingChanged(Exception):
    """Rolls a save back that would have made a version equal to the one before."""


@admin.register(QuestionVersion)
class QuestionVersionAdmin(admin.ModelAdmin):
    form = VersionForm
    inlines = [TopicInline, OptionInline, RubricPointInline, MisconceptionInline]
    formfield_overrides = MARKDOWN
    list_display = ["title", "slug", "number", "status", "level", "format", "primary_topic", "published_at"]
    list_filter = [VersionsFilter, "status", TopicFilter, "level", FormatFilter]
    list_per_page = 50
    search_fields = ["question__slug", "title"]
    show_full_result_count = False
    autocomplete_fields = ["question"]
    actions = ["publish", "send_to_review", "retire"]
    change_form_template = "admin/questions/questionversion/change_form.html"

    class Media:
        css = {"all": ["css/admin.css", "vendor/katex/katex.min.css"]}
        js = [forms.Script("vendor/katex/katex.min.js", defer=True), forms.Script("js/maths.js", defer=True)]

    def get_queryset(self, request):
        versions = super().get_queryset(request).select_related("question")
        return versions.prefetch_related("topic_links__topic")

    @admin.display(ordering="question__slug")
    def slug(self, version):
        return version.question.slug

    @admin.display(description="topic")
    def primary_topic(self, version):
        return next(iter(version.ordered_topics), None)

    def get_fieldsets(self, request, obj=None):
        if not (obj or request.predecessor):
            return [(None, {"fields": ABOUT + PARTS})]
        facts = ["question", "number", "status", "published_at", "published_by"]
        return [
            (None, {"fields": facts}),
            ("As it is stored", {"fields": ["preview"]}),
            ("Content", {"fields": ABOUT[1:] + PARTS}),
        ]

    def get_readonly_fields(self, request, obj=None):
        facts = ["number", "status", "published_at", "published_by", "preview"]
        return ["question", *facts] if obj or request.predecessor else facts

    @admin.display(description="Preview")
    def preview(self, version):
        if not version.pk:
            return "Save it to see it as it will look."
        version = QuestionVersion.objects.with_content().get(pk=version.pk)
        return render_to_string("admin/questions/preview.html", {"version": version})

    def has_delete_permission(self, request, obj=None):
        """A draft only, one at a time: what has been published stays, retired at most."""
        return bool(obj and not obj.is_fixed) and super().has_delete_permission(request, obj)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        request.predecessor = None
        version = self.get_object(request, object_id) if object_id else None
        context = {"shows_publish": not version or version.status != Status.PUBLISHED} | (extra_context or {})
        if request.method == "POST" and version and version.is_fixed:
            request.predecessor = version
            # Django's "save as new" takes the whole posted form and its rows for a new object.
            request.POST = request.POST.copy()
            request.POST["_saveasnew"] = "yes"
            context |= {"show_save": True}
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except NothingChanged:
            self.message_user(request, "Nothing was changed, so there is no new version.", messages.WARNING)
            return redirect(request.path)

    def save_model(self, request, obj, form, change):
        if not change:
            if request.predecessor:
                obj.question = request.predecessor.question
            Question.objects.select_for_update().get(pk=obj.question_id)
            obj.number = obj.question.next_number()
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        version = QuestionVersion.objects.with_content().get(pk=form.instance.pk)
        version.store_content_hash()
        before = request.predecessor
        if before and before.content_hash == version.content_hash:
            raise NothingChanged
        if "_publish" in request.POST or (before and before.status == Status.PUBLISHED):
            self._publish(request, version)

    def _publish(self, request, version) -> bool:
        faults = catalog_files.faults_of(version)
        if faults:
            listed = format_html_join("", "<li>{}</li>", ((fault,) for fault in faults))
            text = format_html("“{}” is not published. It needs:<ul>{}</ul>", str(version), listed)
            self.message_user(request, text, messages.ERROR)
            return False
        version.publish(by=request.user, now=request.now)
        return True

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request, queryset):
        done = [self._publish(request, version) for version in queryset.with_content()]
        self.message_user(request, f"{sum(done)} published.")

    @admin.action(description="Send to review", permissions=["change"])
    def send_to_review(self, request, queryset):
        drafts = queryset.filter(status=Status.DRAFT)
        for version in drafts:
            version.send_to_review()
        self.message_user(request, f"{len(drafts)} sent to review.")

    @admin.action(description="Retire", permissions=["change"])
    def retire(self, request, queryset):
        for version in queryset:
            version.retire()
        self.message_user(request, f"{len(queryset)} retired.")


# Questions, topics, tracks


@admin.register(Question)
class QuestionAdmin(admin.ModelAdmin):
    list_display = ["slug", "source", "companion_of", "created_at"]
    list_select_related = ["companion_of"]
    search_fields = ["slug", "source"]
    autocomplete_fields = ["companion_of"]
    show_full_result_count = False

    def get_fields(self, request, obj=None):
        return ["slug", "source", "companion_of", *(["versions"] if obj else [])]

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


class SectionInline(admin.StackedInline):
    model = TrackSection
    form = SectionForm
    extra = 0


@admin.register(Track)
class TrackAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "company", "role", "limit_seconds", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "slug", "company"]
    inlines = [SectionInline]
