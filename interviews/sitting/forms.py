"""What pages may send: the set-up of an interview, an answer, an intervention."""

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property

from interviews.sitting.confidence import CONFIDENCES
from interviews.sitting.models import Interview, InterviewQuestion, Written
from questions.models import Topic, Track

MULTIPLIERS = ["1", "1.25", "1.5", "2"]


class SetupForm(forms.Form):
    """`plan` is sent as a track's slug, or `topic:` and a topic's, and cleaned to the track or topic itself."""

    plan = forms.CharField(label="Interview", widget=forms.RadioSelect)
    pace = forms.ChoiceField(label="Pace", choices=Interview.Pace.choices, widget=forms.RadioSelect)
    time_multiplier = forms.DecimalField(
        label="Your time multiplier",
        min_value=1,
        max_value=10,
        max_digits=4,
        decimal_places=2,
        help_text="1.5 gives you half as much time again. You don’t have to say why.",
    )

    follow_ups = forms.BooleanField(label="Follow-up questions", required=False)
    answers = forms.ChoiceField(
        label="Your answers", choices=[("write", "Write"), ("speak", "Speak")], widget=forms.RadioSelect, required=False
    )

    def __init__(self, *args, tracks: QuerySet[Track], topics: QuerySet[Topic], **kwargs):
        super().__init__(*args, **kwargs)
        self.tracks, self.topics = tracks, topics

    @cached_property
    def plans(self) -> dict[str, Track | Topic]:
        """All that can be chosen, by what is sent for it."""
        return {track.slug: track for track in self.tracks} | {f"topic:{topic.slug}": topic for topic in self.topics}

    def clean_plan(self) -> Track | Topic:
        """Reads the chosen one alone: a start is what everybody may do in the same moment."""
        kind, _, slug = self.cleaned_data["plan"].rpartition(":")
        offered = {"": self.tracks, "topic": self.topics}.get(kind)
        plan = offered.filter(slug=slug).first() if offered is not None else None
        if plan is None:
            raise ValidationError("Choose one of these interviews.")
        return plan


def written_answer(data: QueryDict, question: InterviewQuestion, *, is_draft: bool) -> Written:
    """What a page sent for this question. Raises ValidationError with a text for the candidate.

    What is not meant as a draft may be doubtful: then the candidate is asked once. `asked` is the answer that the
    page has asked about.
    """
    answer = question.format.clean(question.version, data.getlist("answer"))
    if not is_draft and data.getlist("asked") != answer and (doubt := question.format.doubt(question.version, answer)):
        raise ValidationError(doubt, code="doubtful")
    return Written(
        answer=answer,
        rev=whole_number(data, "rev"),
        lease=whole_number(data, "lease"),
        confidence=confidence(data),
        base=whole_number(data, "base") if "base" in data else None,
    )


def whole_number(data: QueryDict, name: str) -> int:
    text = data.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValidationError("This page is out of date. Reload it. Your text is kept here.")
    return int(text)


def confidence(data: QueryDict) -> int | None:
    text = data.get("confidence", "")
    if not text:
        return None
    if text not in map(str, CONFIDENCES):
        raise ValidationError("Choose how sure you are.")
    return int(text)


class InterventionForm(forms.Form):
    """What an administrator or coach may do to somebody's interview. `apply` raises Refused where it is too late."""

    action = forms.ChoiceField(
        choices=[
            ("add", "Add time to the interview and its open question"),
            ("reopen", "Reopen the finished interview at one question"),
            ("void", "Void the interview, so that it no longer counts"),
        ]
    )
    minutes = forms.DecimalField(min_value=1, max_value=240, required=False, help_text="For adding and reopening.")
    position = forms.IntegerField(min_value=1, required=False, help_text="For reopening: the question's number.")
    reason = forms.CharField(max_length=200, help_text="Kept with the interview.")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("action") in ("add", "reopen") and cleaned.get("minutes") is None:
            self.add_error("minutes", "Say how many minutes.")
        if cleaned.get("action") == "reopen" and cleaned.get("position") is None:
            self.add_error("position", "Say which question.")
        return cleaned

    def apply(self, interview: Interview, *, by, now: datetime) -> None:
        """Runs under the interview's lock."""
        chosen = self.cleaned_data
        reason = chosen["reason"]
        if chosen["action"] == "void":
            return interview.void(reason=reason, by=by, now=now)
        seconds = float(chosen["minutes"]) * 60
        if chosen["action"] == "add":
            return interview.adjust(seconds, reason=reason, by=by, now=now)
        return interview.reopen(chosen["position"], seconds=seconds, reason=reason, by=by, now=now)
