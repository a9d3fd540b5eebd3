from datetime import datetime

from django import forms

from interviews.sitting.forms import InterventionForm
from interviews.sitting.models import Interview, Refused


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
            raise Refused("The time was changed since you loaded this page. See above, then decide again.")
        super().apply(interview, by=by, now=now)
