"""The form that takes a file, and the form by which a curator says what becomes of its questions."""

from datetime import datetime
from pathlib import PurePath

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from questions.exchange.parsing import ENDINGS, MAX_BYTES
from questions.models import Category, Level, Question, QuestionUpload, Topic, UploadedQuestion

Choice = UploadedQuestion.Choice


class UploadForm(forms.Form):
    file = forms.FileField(
        max_length=200,
        help_text="A catalog file (.yaml), Moodle XML (.xml), GIFT (.gift, .txt) or Aiken (.txt), 5 MB at most.",
    )
    is_whole = forms.BooleanField(
        required=False,
        label="All or nothing",
        help_text="Load nothing if any question in the file has a fault. Otherwise you can load the good ones.",
    )
    topic = forms.ModelChoiceField(Topic.objects.top_level(), empty_label=None)
    level = forms.ChoiceField(choices=Level.choices)
    category = forms.ChoiceField(choices=Category.choices)

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError("The file is larger than 5 MB.")
        if PurePath(file.name).suffix.lower() not in ENDINGS:
            raise ValidationError(f"Only {', '.join(ENDINGS)} files are read.")
        return file

    def save(self, *, user, now: datetime) -> QuestionUpload:
        values = dict(self.cleaned_data)
        file = values.pop("file")
        return QuestionUpload.objects.create(user=user, name=file.name, source=file.read(), requested_at=now, **values)


class ChoicesForm(forms.Form):
    """For each question of one page: new, new version of which, or skip."""

    def __init__(self, *args, upload: QuestionUpload, questions: list[UploadedQuestion], **kwargs):
        super().__init__(*args, **kwargs)
        self.upload, self.questions = upload, list(questions)
        for question in self.questions:
            place, label = question.place, f"line {question.line}"
            self.fields[f"choice-{place}"] = forms.ChoiceField(
                choices=Choice.choices, initial=question.choice, label=f"What becomes of {label}"
            )
            self.fields[f"of-{place}"] = forms.CharField(
                required=False,
                max_length=100,
                initial=question.target.slug if question.target else "",
                label=f"{label}, by its slug",
            )

    def clean(self):
        versions = [question for question in self.questions if self._is_version(question)]
        slugs = [self.cleaned_data.get(f"of-{question.place}", "") for question in versions]
        found = Question.objects.in_bulk(slugs, field_name="slug")
        elsewhere = self.upload.questions.filter(choice=Choice.VERSION).exclude(
            place__in=[question.place for question in self.questions]
        )
        taken = set(elsewhere.values_list("target__slug", flat=True))
        for question, slug in zip(versions, slugs, strict=True):
            if slug not in found:
                self.add_error(f"of-{question.place}", f"There is no question “{slug}”." if slug else "Which question?")
            elif slug in taken:
                self.add_error(
                    f"of-{question.place}", f"Another question in this file is already a new version of “{slug}”."
                )
            taken.add(slug)
        self.targets = found

    def _is_version(self, question: UploadedQuestion) -> bool:
        return self.cleaned_data.get(f"choice-{question.place}") == Choice.VERSION

    @transaction.atomic
    def save(self) -> None:
        for question in self.questions:
            question.choice = self.cleaned_data[f"choice-{question.place}"]
            if question.choice == Choice.VERSION:
                question.target = self.targets[self.cleaned_data[f"of-{question.place}"]]
        # No two of a file are versions of one question, not even for the moment between two rows.
        places = [question.place for question in self.questions]
        self.upload.questions.filter(place__in=places).update(choice=Choice.SKIP)
        UploadedQuestion.objects.bulk_update(self.questions, ["choice", "target"])

    def rows(self):
        """(question, its choice, its target) as bound fields."""
        return [(one, self[f"choice-{one.place}"], self[f"of-{one.place}"]) for one in self.questions]
