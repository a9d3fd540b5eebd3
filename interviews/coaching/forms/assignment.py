"""What the pages around an assignment may send: the assignment itself, its start, and why not."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from interviews.sitting.models import Interview
from questions.models import Track


class AssignForm(forms.Form):
    track = forms.ChoiceField(label="Interview")
    pace = forms.ChoiceField(label="Pace", choices=Interview.Pace.choices, initial=Interview.Pace.STRICT)
    due_on = forms.DateField(
        label="Due",
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "is-number"}),
        help_text="We'll remind them the day before. They can still start it later.",
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What to look out for. The candidate reads this before starting.",
    )

    def __init__(self, *args, tracks: list[Track], **kwargs):
        super().__init__(*args, **kwargs)
        self.tracks = {track.slug: track for track in tracks}
        self.fields["track"].choices = [(slug, track.name) for slug, track in self.tracks.items()]

    def clean_track(self) -> Track:
        return self.tracks[self.cleaned_data["track"]]

    def clean_due_on(self):
        due_on = self.cleaned_data["due_on"]
        if due_on and due_on < timezone.localdate():
            raise ValidationError("Choose today or a later day.")
        return due_on


class StartAssignedForm(forms.Form):
    """Track and pace are the assignment's; the time is the candidate's own."""

    time_multiplier = forms.DecimalField(
        label="Your time multiplier",
        min_value=1,
        max_value=10,
        max_digits=4,
        decimal_places=2,
        help_text="1.5 gives you half as much time again. You don’t have to say why.",
        widget=forms.NumberInput(attrs={"step": "0.05", "class": "is-number"}),
    )


class DeclineAssignmentForm(forms.Form):
    reason = forms.CharField(label="Why not", max_length=300, help_text="Your coach reads this.")
