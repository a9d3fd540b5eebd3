"""What pages may send: the set-up of an interview, an answer, a self-score."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from interviews.models import CONFIDENCES, Interview, InterviewQuestion, Written
from questions.models import Topic, Track

MULTIPLIERS = ["1", "1.25", "1.5", "2"]
MARK_LABELS = {"hit": "Hit", "partly": "Partly", "missed": "Missed"}


class SetupForm(forms.Form):
    """`plan` is a track's slug, or `topic:` and a topic's. The multiplier starts at the person's standing one."""

    plan = forms.ChoiceField(label="Interview", widget=forms.RadioSelect)
    pace = forms.ChoiceField(label="Pace", choices=Interview.Pace.choices, widget=forms.RadioSelect)
    time_multiplier = forms.DecimalField(
        label="Your time multiplier",
        min_value=1,
        max_value=10,
        max_digits=4,
        decimal_places=2,
        help_text="1 is the stated time, 1.5 half as much again. No reason is asked.",
    )

    def __init__(self, *args, tracks: list[Track], topics: list[Topic], **kwargs):
        super().__init__(*args, **kwargs)
        self.plans = {track.slug: track for track in tracks} | {f"topic:{topic.slug}": topic for topic in topics}
        self.fields["plan"].choices = [(key, plan.name) for key, plan in self.plans.items()]

    @property
    def chosen_plan(self) -> Track | Topic:
        return self.plans[self.cleaned_data["plan"]]


def written_answer(data: QueryDict, question: InterviewQuestion, *, is_draft: bool) -> Written:
    """What a page sent for this question. Raises ValidationError with a text for the candidate.

    Drafts may be half-finished; the format checks only their shape and size.
    """
    return Written(
        answer=question.format.clean(question.version, data.getlist("answer"), draft=is_draft),
        rev=whole_number(data, "rev"),
        lease=whole_number(data, "lease"),
        confidence=confidence(data),
    )


def whole_number(data: QueryDict, name: str) -> int:
    text = data.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValidationError("This page is damaged or out of date. Load it again; your text is kept here.")
    return int(text)


def confidence(data: QueryDict) -> int | None:
    text = data.get("confidence", "")
    if not text:
        return None
    if text not in map(str, CONFIDENCES):
        raise ValidationError("Choose one of the six steps for how sure you are.")
    return int(text)


class SelfScoreForm(forms.Form):
    """One radio group a rubric point: hit, partly or missed. All are needed."""

    def __init__(self, *args, question: InterviewQuestion, **kwargs):
        super().__init__(*args, prefix=f"q{question.position}", **kwargs)
        self.points = list(question.version.rubric_points.all())
        for point in self.points:
            self.fields[str(point.pk)] = forms.ChoiceField(
                label=point.text,
                choices=list(MARK_LABELS.items()),
                widget=forms.RadioSelect,
                error_messages={"required": "Mark this point, too."},
            )

    @property
    def marks(self) -> dict[int, str]:
        return {point.pk: self.cleaned_data[str(point.pk)] for point in self.points}


class TargetForm(forms.Form):
    level = forms.ChoiceField(
        label="Measure me against typical questions of level",
        choices=[("beginner", "beginner"), ("intermediate", "intermediate"), ("advanced", "advanced")],
    )
