from django import forms

from interviews.sitting.models import InterviewQuestion
from interviews.sitting.scoring import MARK_LABELS


class SelfScoreForm(forms.Form):
    """One radio group a rubric point: hit, partly or missed. All are needed."""

    def __init__(self, *args, question: InterviewQuestion, **kwargs):
        super().__init__(*args, prefix=f"q{question.position}", **kwargs)
        self.points = list(question.version.rubric_points.all())
        for point, stage in zip(self.points, question.version.stages_of_points, strict=True):
            self.fields[str(point.pk)] = forms.ChoiceField(
                label=f"**{stage}:** {point.text}" if stage else point.text,
                choices=list(MARK_LABELS.items()),
                widget=forms.RadioSelect,
                error_messages={"required": "Mark this point, too."},
            )

    @property
    def marks(self) -> dict[int, str]:
        return {point.pk: self.cleaned_data[str(point.pk)] for point in self.points}
