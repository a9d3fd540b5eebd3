"""What pages may send: the set-up of an interview, an answer, a self-score."""

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property

from interviews.models import CONFIDENCES, Interview, InterviewQuestion, MutedNotice, Refused, Written
from interviews.models.notice import KINDS
from questions.models import Topic, Track

MULTIPLIERS = ["1", "1.25", "1.5", "2"]
MARK_LABELS = {"hit": "Hit", "partly": "Partly", "missed": "Missed"}


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
        help_text="1 is the stated time, 1.5 half as much again. No reason is asked.",
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


class PracticeForm(forms.Form):
    """`question`: the ids of the questions to practise, repeated; unknown ones are left out later."""

    question = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, data: QueryDict):
        super().__init__(data)
        self.fields["question"].choices = [(text, text) for text in data.getlist("question")[:20] if text.isdecimal()]


class ShareForm(forms.Form):
    days = forms.TypedChoiceField(
        label="The link works for", choices=[(7, "7 days"), (30, "30 days")], coerce=int, initial=7
    )
    shows_name = forms.BooleanField(label="Show my name", required=False)


class TargetForm(forms.Form):
    level = forms.ChoiceField(
        label="Measure me against typical questions of level",
        choices=[("beginner", "beginner"), ("intermediate", "intermediate"), ("advanced", "advanced")],
    )


class InterventionForm(forms.Form):
    """What an administrator or coach may do to somebody's interview. `apply` raises Refused where it is too late."""

    action = forms.ChoiceField(
        choices=[
            ("add", "Add time to the interview and its open question"),
            ("reopen", "Reopen the finished interview at one question"),
            ("void", "Take the interview out of everything"),
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


class NoticesForm(forms.Form):
    """One checkbox a kind and channel, named `assigned-mail`: ticked, one is told."""

    def __init__(self, *args, muted: set[tuple[str, str]], is_coach: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.kinds = {name: kind for name, kind in KINDS.items() if is_coach or not kind.is_for_coaches}
        self.pairs = {
            f"{name}-{channel}": (name, channel) for name in self.kinds for channel in MutedNotice.Channel.values
        }
        for field, pair in self.pairs.items():
            self.fields[field] = forms.BooleanField(required=False, initial=pair not in muted)

    @property
    def rows(self) -> list[tuple]:
        """(what it is about, the checkbox of each channel)."""
        return [
            (kind.label, [(channel.label, self[f"{name}-{channel}"]) for channel in MutedNotice.Channel])
            for name, kind in self.kinds.items()
        ]

    @property
    def muted(self) -> list[tuple[str, str]]:
        return [pair for field, pair in self.pairs.items() if not self.cleaned_data[field]]


class DeletionForm(forms.Form):
    """Typed, so that no click alone deletes an account."""

    address = forms.CharField(
        label="Type your e-mail address",
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_address(self) -> str:
        address = self.cleaned_data["address"]
        if address.lower() != self.person.email.lower():
            raise ValidationError("This is not the address that you log in with. Nothing was deleted.")
        return address


class CoachInterventionForm(InterventionForm):
    """A coach adds time while the interview runs, and reopens a question after it; nothing else.

    `seen` counts the interventions that its page shows: a double click, or two coaches at once, add time once.
    """

    seen = forms.IntegerField(required=False)

    def __init__(self, *args, interview: Interview, **kwargs):
        super().__init__(*args, **kwargs)
        action = "reopen" if interview.is_finished else "add"
        self.fields["action"].choices = [(action, action)]
        self.fields["minutes"] = forms.DecimalField(
            min_value=1, max_value=240, widget=forms.NumberInput(attrs={"class": "is-number", "min": 1, "max": 240})
        )
        self.fields["reason"].label, self.fields["reason"].help_text = "Reason", "The candidate reads it."

    def apply(self, interview: Interview, *, by, now: datetime) -> None:
        seen = self.cleaned_data["seen"]
        if seen is not None and seen != interview.events.interventions().count():
            raise Refused("Something was done to its time since this page was loaded: see above, then decide again.")
        super().apply(interview, by=by, now=now)
