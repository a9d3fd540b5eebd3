"""The form of a version, and the rows of its parts."""

from collections.abc import Iterator
from itertools import islice

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models

from questions import follow_ups, formats, markup, pictures
from questions.admin.checked import MOST_FAULTS, BoundedRows, StrictJSON
from questions.models import (
    Figure,
    Misconception,
    Option,
    QuestionVersion,
    RubricPoint,
    Topic,
    VersionFigure,
    VersionTopic,
)
from questions.strict_yaml import shape_faults

ABOUT = ["question", "title", "level", "category", "subtopic", "format", "limit_seconds"]
PARTS = ["prompt", "answer", "stages", "model_answer", "references", "follow_ups", "hint"]


class Lines(forms.CharField):
    """A textarea's lines end in \\r\\n; the catalog's in \\n, and the two must have one hash."""

    default_validators = [markup.validate_size]

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class JSONList(StrictJSON):
    def to_python(self, value):
        return super().to_python(value) or []


class Stages(JSONList):
    shape = [{"name": str, "minutes": int, "asks": str, "points?": int}]


class References(JSONList):
    shape = [{"title": str, "where?": str}]


class FollowUps(JSONList):
    shape = follow_ups.SHAPE


class Wordings(JSONList):
    shape = [str]


class JSONObject(StrictJSON):
    def to_python(self, value):
        fields = super().to_python(value)
        if fields is not None and not isinstance(fields, dict):
            raise ValidationError('Named values are needed: {"…": …}.')
        return fields


class SubtopicField(forms.ModelChoiceField):
    def label_from_instance(self, subtopic):
        return f"{subtopic.parent} › {subtopic}"


MARKDOWN = {models.TextField: {"form_class": Lines}}


class VersionForm(forms.ModelForm):
    format = forms.ChoiceField(choices=lambda: [(format.name, format.label) for format in formats.all()])
    subtopic = SubtopicField(Topic.objects.subtopics().select_related("parent"), required=False)

    class Meta:
        model = QuestionVersion
        fields = [*ABOUT, *PARTS]
        field_classes = {"answer": JSONObject, "stages": Stages, "references": References, "follow_ups": FollowUps}

    def clean(self):
        """What stands in the answer has to be of its format's shape; what is missing there, a draft may lack."""
        answer = self.cleaned_data.get("answer")
        if answer and "format" in self.cleaned_data:
            for fault in islice(answer_faults(formats.get(self.cleaned_data["format"]), answer), MOST_FAULTS):
                self.add_error("answer", fault)


def answer_faults(format: formats.Format, answer: dict) -> Iterator[str]:
    shapes = {name.removesuffix("?"): shape for name, shape in format.catalog_fields.items()}
    known = {name: shape for name, shape in shapes.items() if name != "answer"} | shapes.get("answer", {})
    known = {f"{name.removesuffix('?')}?": shape for name, shape in known.items()}
    given = {name: value for name, value in answer.items() if value is not None}
    for path, why in shape_faults(given, known):
        yield f"{path}: {why}"


class RubricPointForm(forms.ModelForm):
    class Meta:
        model = RubricPoint
        fields = ["position", "text", "weight", "says"]
        field_classes = {"says": Wordings}


class PartInline(BoundedRows, admin.TabularInline):
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


class FigureForm(forms.ModelForm):
    """An image is drawn anew as it is uploaded; the next version of a question takes its images along by `digest`."""

    file = forms.FileField(required=False, help_text="PNG, JPEG or WebP, 2 MB and 8 megapixels at most.")
    digest = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = VersionFigure
        fields = ["name"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False
        self.fields["digest"].initial = self.instance.figure_id
        self.picture = None

    def clean(self):
        super().clean()
        file = self.cleaned_data.get("file")
        digest = self.cleaned_data.get("digest")
        try:
            name = pictures.name_of(self.cleaned_data.get("name") or (file.name if file else ""))
            if file:
                content = file.read(pictures.MAX_BYTES + 1)
                self.picture = pictures.encoded(content)
        except ValidationError as error:
            self.add_error("file", error)
            return
        if not self.picture and not Figure.objects.filter(pk=digest or "").exists():
            self.add_error("file", "Choose an image.")
        self.cleaned_data["name"] = self.instance.name = name

    def save(self, commit=True):
        if self.picture:
            Figure.objects.keep([self.picture])
        self.instance.figure_id = self.picture.digest if self.picture else self.cleaned_data["digest"]
        return super().save(commit)


class FigureInline(PartInline):
    model = VersionFigure
    form = FigureForm
    max_num = 12
    verbose_name_plural = "images, shown where the prompt or the model answer says ![what it shows](figure:name.png)"
    fields = ["file", "name", "digest"]


INLINES = [TopicInline, OptionInline, RubricPointInline, MisconceptionInline, FigureInline]
