"""The form of a version, and the rows of its parts."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models

from questions import follow_ups, formats, markup, pictures
from questions.admin.checked import BoundedRows
from questions.admin.rows import BUTTON, OnePerLine, RowsField
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

ABOUT = ["question", "title", "level", "category", "subtopic", "format", "limit_seconds"]
PARTS = ["prompt", "answer", "stages", "model_answer", "references", "follow_ups", "hint"]


class Lines(forms.CharField):
    """A textarea's lines end in \\r\\n; the catalog's in \\n, and the two must have one hash."""

    default_validators = [markup.validate_size]

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class Stages(RowsField):
    shape = [{"name": str, "minutes": int, "asks": str, "points?": int}]


class References(RowsField):
    shape = [{"title": str, "where?": str}]


class FollowUps(RowsField):
    shape = follow_ups.SHAPE


class SubtopicField(forms.ModelChoiceField):
    def label_from_instance(self, subtopic):
        return f"{subtopic.parent} › {subtopic}"


MARKDOWN = {models.TextField: {"form_class": Lines}}


COMMENTS = ["comment_on", "comment"]
OTHER_PARTS = ["topics", "options", "rubric", "misconceptions", "images"]
COMMENT_ON = [("", "All of it")]
COMMENT_ON += [(name, name.replace("_", " ").capitalize()) for name in (*ABOUT[1:], *PARTS, *OTHER_PARTS)]


class VersionForm(forms.ModelForm):
    format = forms.ChoiceField(choices=lambda: [(format.name, format.label) for format in formats.all()])
    comment_on = forms.ChoiceField(label="Comment on", choices=COMMENT_ON, required=False)
    comment = Lines(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with this version, for its author and reviewers. Candidates never see it.",
    )
    subtopic = SubtopicField(Topic.objects.subtopics().select_related("parent"), required=False)

    class Meta:
        model = QuestionVersion
        fields = [*ABOUT, *PARTS]
        # The model's say how the catalog writes them.
        help_texts = {
            "answer": "",
            "stages": "",
            "references": "Linked: doi:10.1145/… and arXiv:1710.10345",
            "follow_ups": "",
        }
        field_classes = {"answer": RowsField, "stages": Stages, "references": References, "follow_ups": FollowUps}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name = self.data.get("format") or self.get_initial_for_field(self.fields["format"], "format")
        self.question_format = known_format(name)
        if "answer" in self.fields and self.question_format:
            self.fields["answer"].take_shape(answer_shape(self.question_format))

    def clean(self):
        """A field that is missing, a draft may lack."""
        if BUTTON in self.data:
            raise ValidationError("The rows below have changed. Nothing has been saved yet.")
        if "_send_back" in self.data and not self.cleaned_data.get("comment"):
            self.add_error("comment", "Say why you are sending it back, and what would make it ready.")
        answer = self.cleaned_data.get("answer")
        if answer:
            self.cleaned_data["answer"] = normal(self.question_format, answer)


def known_format(name: str | None) -> formats.Format | None:
    return next((format for format in formats.all() if format.name == name), None)


def answer_shape(format: formats.Format) -> dict:
    """Of what its versions keep in `answer`: its own fields, but those with rows of their own. A draft may lack any."""
    shapes = {name.removesuffix("?"): shape for name, shape in format.catalog_fields.items()}
    own = {name: shape for name, shape in shapes.items() if name not in ("answer", "options", "steps", "stages")}
    own = shapes.get("answer", {}) | own
    return {f"{name.removesuffix('?')}?": shape for name, shape in own.items()}


def normal(format: formats.Format, answer: dict) -> dict:
    """With what the format fills in by itself; a draft that lacks a field stays as it is."""
    try:
        return format.content_from(format.fields_from({"answer": answer}))["answer"]
    except KeyError:
        return answer


class RubricPointForm(forms.ModelForm):
    says = OnePerLine(required=False, help_text="Other ways to put it, one a line.")

    class Meta:
        model = RubricPoint
        fields = ["position", "text", "weight", "says"]


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
