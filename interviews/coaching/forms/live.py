"""What the pages around a live mock may send: the mock itself, another time, its start; and the acts in its room."""

from datetime import datetime, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from interviews.coaching.forms.assignment import StartAssignedForm
from interviews.sitting.scoring import MARK_LABELS
from questions.models import Track

LONGEST_WORDS = 500
LINK = ""
FURTHEST = timedelta(days=180)
WHEN = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def coming(starts_at: datetime | None) -> datetime | None:
    now = timezone.now()
    if starts_at and not now - timedelta(minutes=5) <= starts_at <= now + FURTHEST:
        raise ValidationError("Choose a time from now on, within half a year.")
    return starts_at


class MoveForm(forms.Form):
    starts_at = forms.DateTimeField(
        label="When", required=False, widget=WHEN, help_text="In your time zone. Leave it empty to start right away."
    )

    def clean_starts_at(self) -> datetime | None:
        return coming(self.cleaned_data["starts_at"])


class LiveMockForm(MoveForm):
    """`coaches` and `candidates`: whom one knows already; anybody else gets a link."""

    role = forms.ChoiceField(
        label="Who answers",
        choices=[
            ("answer", "I answer, somebody else asks"),
            ("ask", "I ask, somebody else answers"),
            ("turns", "We take turns: I answer first, then we swap"),
        ],
        widget=forms.RadioSelect,
        initial="answer",
    )
    person = forms.ChoiceField(label="With", required=False)
    track = forms.ChoiceField(label="Interview")
    call_url = forms.URLField(
        label="Link to the call",
        required=False,
        assume_scheme="https",
        help_text="Talk wherever you like. Holdout keeps the link, and nothing of the talk.",
    )
    field_order = ["role", "person", "track", "starts_at", "call_url"]

    def __init__(self, *args, coaches: list[User], candidates: list[User], tracks: list[Track], **kwargs):
        super().__init__(*args, **kwargs)
        self.people = {
            "answer": {str(one.pk): one for one in coaches},
            "ask": {str(one.pk): one for one in candidates},
        }
        self.tracks = {track.slug: track for track in tracks}
        self.fields["track"].choices = [(slug, track.name) for slug, track in self.tracks.items()]
        self.fields["person"].choices = [
            (LINK, "Whoever has the link"),
            *((pk, f"{one}, your coach") for pk, one in self.people["answer"].items()),
            *((pk, f"{one}, your candidate") for pk, one in self.people["ask"].items()),
        ]

    def clean_track(self) -> Track:
        return self.tracks[self.cleaned_data["track"]]

    def clean(self) -> dict:
        cleaned = super().clean()
        known = self.people.get(cleaned.get("role", ""), {})
        if cleaned.get("person") and cleaned["person"] not in known:
            self.add_error("person", "Choose a coach to ask you, or a candidate to answer you.")
        cleaned["other"] = known.get(cleaned.get("person", ""))
        return cleaned


class StartLiveForm(StartAssignedForm):
    shares = forms.BooleanField(
        label="Let them read this interview afterwards and write a review", required=False, initial=True
    )


# --- acts in the room ---------------------------------------------------------------------------------


def own_words(data: QueryDict, name: str) -> str:
    """One line of text. Raises ValidationError."""
    text = " ".join(data.get(name, "").replace("\0", "").split())
    if not text:
        raise ValidationError("Write something first.")
    if len(text) > LONGEST_WORDS:
        raise ValidationError(f"A line may have {LONGEST_WORDS} characters at most.")
    return text


def probe_of(data: QueryDict) -> int | None:
    """The place of a reviewed follow-up; None: own words."""
    text = data.get("probe", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 3):
        raise ValidationError("This question has no such follow-up.")
    return int(text)


def marks_of(data: QueryDict) -> dict[str, str]:
    """Mark by rubric point id, of the points that are marked."""
    marks = {name.removeprefix("point-"): mark for name, mark in data.items() if name.startswith("point-")}
    if not set(marks.values()) <= MARK_LABELS.keys():
        raise ValidationError("This page is out of date. Load it again.")
    return marks
