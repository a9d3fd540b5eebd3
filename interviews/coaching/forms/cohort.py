"""What the pages of a cohort may send."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from accounts.models import Cohort, CohortMember
from interviews.coaching.forms.assignment import AssignForm
from interviews.coaching.models.cohort_assignment import MOST_TRIES

MOST_BYTES = 500_000
MOMENT = "%Y-%m-%dT%H:%M"


def day(label: str, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date", "class": "is-number"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, help_text=help_text)


def moment(label: str, help_text: str = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "class": "is-number"}, format=MOMENT)
    return forms.DateTimeField(
        label=label, required=False, widget=widget, input_formats=[MOMENT, "%Y-%m-%d %H:%M"], help_text=help_text
    )


class CohortForm(forms.ModelForm):
    starts_on = day("Starts")
    ends_on = day("Ends", "After this day coaches can no longer read anything through the cohort.")

    class Meta:
        model = Cohort
        fields = ["name", "starts_on", "ends_on"]
        labels = {"name": "Name"}
        help_texts = {"name": "Members see it."}

    def clean(self) -> dict:
        cleaned = super().clean()
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", "Choose a day after the start.")
        return cleaned


class RosterForm(forms.Form):
    """A file or pasted lines; `text` is what of them came."""

    file = forms.FileField(
        label="CSV file",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv,text/plain"}),
        help_text="Columns: email, name, group. Name and group may be empty.",
    )
    lines = forms.CharField(
        label="Or paste lines",
        required=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "ada@example.com, Ada, Group A"}),
    )
    invites = forms.BooleanField(label="Send each new person an invitation", required=False, initial=True)

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > MOST_BYTES:
            raise ValidationError("This file is larger than 500 kB. Nothing was added. Split it and try again.")
        return file

    def clean(self) -> dict:
        cleaned = super().clean()
        file, lines = cleaned.get("file"), cleaned.get("lines", "")
        if not file and not lines.strip() and not self.errors:
            raise ValidationError("Choose a file or paste some lines.")
        cleaned["text"] = lines
        if file:
            content = file.read()
            try:
                cleaned["text"] = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                cleaned["text"] = content.decode("cp1252", errors="replace")
        cleaned["text"] = cleaned["text"].replace("\0", "")
        return cleaned


class MemberForm(forms.ModelForm):
    time_multiplier = forms.DecimalField(
        label="Extra time",
        required=False,
        max_digits=4,
        decimal_places=2,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        widget=forms.NumberInput(attrs={"step": "0.05", "min": 1, "max": 10, "class": "is-number"}),
        help_text="1.5 gives half as much time again. Leave it empty to use their own setting.",
    )

    class Meta:
        model = CohortMember
        fields = ["name", "group", "time_multiplier", "time_note"]
        labels = {"name": "Name", "group": "Group", "time_note": "Note on extra time"}
        help_texts = {"name": "Leave it empty to use their own name.", "time_note": "The member can read it."}


class SharesForm(forms.Form):
    shares = forms.ChoiceField(
        choices=CohortMember._meta.get_field("shares").choices, widget=forms.RadioSelect, initial="cohort"
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Join code", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off", "class": "is-number"})
    )


class CoachForm(forms.Form):
    email = forms.EmailField(label="Email address", help_text="Only this address can accept, within 7 days.")


class WindowForm(forms.Form):
    opens_at = moment("Opens", "Nobody can start earlier.")
    due_on = day("Due", "We'll remind members the day before. They can still start it later.")
    closes_at = moment("Closes", "Nobody can start later. Anyone who has started can finish.")
    note = AssignForm.base_fields["note"]

    def clean(self) -> dict:
        cleaned = super().clean()
        opens_at, closes_at = cleaned.get("opens_at"), cleaned.get("closes_at")
        if opens_at and closes_at and closes_at <= opens_at:
            self.add_error("closes_at", "It has to close after it opens.")
        return cleaned


class ExtensionForm(forms.Form):
    due_on = day("Due")
    closes_at = moment("Closes", "Empty: it never closes.")


class CohortAssignForm(WindowForm):
    ALL, CHOSEN = "all", "chosen"

    who = forms.ChoiceField(label="Who", help_text="People who join later get it too, unless you choose people.")
    people = forms.MultipleChoiceField(label="People", required=False, widget=forms.CheckboxSelectMultiple)
    track = forms.ChoiceField(label="Interview")
    pace = AssignForm.base_fields["pace"]
    has_same_questions = forms.BooleanField(
        label="The same questions for everyone",
        required=False,
        help_text="Answers can then be compared question by question. Otherwise each member gets their own draw.",
    )
    wants_review = forms.BooleanField(
        label="Coaches review it", required=False, initial=True, help_text="A review is requested when it's finished."
    )
    tries = forms.IntegerField(
        label="Attempts",
        min_value=1,
        max_value=MOST_TRIES,
        initial=1,
        widget=forms.NumberInput(attrs={"class": "is-number", "min": 1, "max": MOST_TRIES}),
    )

    field_order = ["track", "who", "people", "pace", "has_same_questions", "wants_review", "tries"]

    def __init__(self, *args, tracks, members: list[CohortMember], **kwargs):
        super().__init__(*args, **kwargs)
        self.tracks = {track.slug: track for track in tracks}
        self.members = {str(member.pk): member for member in members}
        groups = sorted({member.group for member in members if member.group})
        self.fields["track"].choices = [(slug, track.name) for slug, track in self.tracks.items()]
        self.fields["who"].choices = [
            (self.ALL, f"All members ({len(members)})"),
            *((f"group:{group}", f"Group “{group}”") for group in groups),
            (self.CHOSEN, "People I choose"),
        ]
        self.fields["people"].choices = [(key, str(member)) for key, member in self.members.items()]

    def clean(self) -> dict:
        """`group` and `chosen` (None: not by name) in place of `who` and `people`."""
        cleaned = super().clean()
        who = cleaned.pop("who", "")
        people = [self.members[key] for key in cleaned.pop("people", [])]
        cleaned["group"] = who.removeprefix("group:") if who.startswith("group:") else ""
        cleaned["chosen"] = people if who == self.CHOSEN else None
        if who == self.CHOSEN and not people:
            self.add_error("people", "Choose at least one person.")
        return cleaned

    def clean_track(self):
        return self.tracks[self.cleaned_data["track"]]
