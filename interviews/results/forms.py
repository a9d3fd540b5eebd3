from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError

from interviews.interviewer import wording
from interviews.interviewer.finding import all_of, suggestions_of
from interviews.interviewer.models import PointSuggestion
from interviews.interviewer.quoting import is_quotable
from interviews.sitting.models import InterviewQuestion
from interviews.sitting.scoring import AFTER_FOLLOW_UP, AFTER_FOLLOW_UP_LABEL, MARK_LABELS
from questions.models import RubricPoint

LONGEST_QUOTE = 1000


@dataclass(frozen=True)
class PointRow:
    """One point of the form: what was found about it beside what its candidate decides."""

    point: RubricPoint
    mark: forms.BoundField
    keep: forms.BoundField
    quote: forms.BoundField
    suggestion: PointSuggestion | None


class SelfScoreForm(forms.Form):
    """For each rubric point its mark, which is needed, and the words of the answer that make it, which are not.

    The question comes with its suggestions and follow-ups (`for_results`).
    """

    def __init__(self, *args, question: InterviewQuestion, **kwargs):
        super().__init__(*args, prefix=f"q{question.position}", **kwargs)
        self.question = question
        self.points = list(question.version.rubric_points.all())
        self.suggestions = suggestions_of(question)
        self.about_suggestions = wording.above(self.suggestions.values())
        labels = list(MARK_LABELS.items())
        if question.has_answered_follow_up:
            labels.insert(2, (AFTER_FOLLOW_UP, AFTER_FOLLOW_UP_LABEL))
        for point, stage in zip(self.points, question.version.stages_of_points, strict=True):
            self.fields[str(point.pk)] = forms.ChoiceField(
                label=f"{stage}: {point.text}" if stage else point.text,
                choices=labels,
                widget=forms.RadioSelect,
                error_messages={"required": "Mark this point too."},
            )
            self.fields[f"keep-{point.pk}"] = forms.CharField(required=False, max_length=20)
            self.fields[f"quote-{point.pk}"] = forms.CharField(max_length=LONGEST_QUOTE, required=False)

    @property
    def rows(self) -> list[PointRow]:
        return [
            PointRow(
                point,
                self[str(point.pk)],
                self[f"keep-{point.pk}"],
                self[f"quote-{point.pk}"],
                self.suggestions.get(point.pk),
            )
            for point in self.points
        ]

    def clean(self) -> dict:
        """One's own quote has to be in the answer."""
        cleaned = super().clean()
        for point in self.points:
            quote = cleaned.get(f"quote-{point.pk}")
            if quote and not is_quotable(quote, self.question):
                self.add_error(f"quote-{point.pk}", ValidationError(wording.NOT_IN_ANSWER))
        return cleaned

    @property
    def marks(self) -> dict[int, str]:
        chosen = {point.pk: self.cleaned_data[str(point.pk)] for point in self.points}
        return {pk: "partly" if mark == AFTER_FOLLOW_UP else mark for pk, mark in chosen.items()}

    @property
    def after_follow_up(self) -> list[int]:
        """Points that came only after a follow-up."""
        return [point.pk for point in self.points if self.cleaned_data[str(point.pk)] == AFTER_FOLLOW_UP]

    @property
    def quotes(self) -> dict[int, str]:
        """The words that make a point: one's own choice, else the suggestion that was kept; of a missed point none.

        Kept is the one that the page showed, also where a better grader has found another since.
        """
        quotes = {}
        shown = {(str(one.pk), one.point_id): one for one in all_of(self.question)}
        for point in self.points:
            quote = self.cleaned_data[f"quote-{point.pk}"]
            kept = shown.get((self.cleaned_data[f"keep-{point.pk}"], point.pk))
            if not quote and kept:
                quote = kept.sentence[:LONGEST_QUOTE]
            if quote and self.marks[point.pk] != "missed":
                quotes[point.pk] = quote
        return quotes
