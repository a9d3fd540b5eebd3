"""What the candidate's own pages may send: the history's filter, the preparation, a debrief."""

import calendar
from collections.abc import Iterable
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet

from accounts.models import User
from interviews.plan.home import with_answers_to_score
from interviews.plan.models import Debrief, Preparation
from interviews.sitting.models import Interview
from questions.models import Topic, Track

MOST_RECALLED = 20_000  # characters of one field of a debrief


class HistoryForm(forms.Form):
    """Which interviews to list; whatever it does not know lists them all."""

    show = forms.ChoiceField(
        label="Show",
        required=False,
        choices=[
            ("", "All interviews"),
            ("mocks", "Mock interviews"),
            ("drills", "Practice"),
            ("to-score", "With answers to score"),
        ],
    )

    @property
    def shown(self) -> str:
        return self.cleaned_data["show"] if self.is_valid() else ""

    def filtered(self, interviews: QuerySet[Interview]) -> QuerySet[Interview]:
        return {
            "mocks": interviews.exclude(track=None),
            "drills": interviews.filter(track=None),
            "to-score": with_answers_to_score(interviews),
        }.get(self.shown, interviews)


class PreparationForm(forms.ModelForm):
    """What the plan is computed from; the target level is the candidate's own, as the report has it."""

    level = forms.ChoiceField(label="My target level", choices=User._meta.get_field("target_level").choices)

    class Meta:
        model = Preparation
        fields = ["interview_on", "interview_time", "tracks", "minutes_a_day", "days_off"]
        labels = {
            "interview_on": "Interview date",
            "interview_time": "Time",
            "minutes_a_day": "Minutes a day",
        }
        help_texts = {"interview_on": "Without a date you get a weekly rhythm."}
        widgets = {
            "interview_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "interview_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args, tracks: Iterable[Track], today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["tracks"] = forms.MultipleChoiceField(
            label="What you prepare for",
            required=False,
            choices=[(track.slug, track.name) for track in tracks],
            widget=forms.CheckboxSelectMultiple,
            help_text="If you choose none, we use the last interview you did.",
        )
        self.fields["days_off"] = forms.TypedMultipleChoiceField(
            label="Days off",
            required=False,
            coerce=int,
            choices=list(enumerate(calendar.day_abbr)),
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["minutes_a_day"].min_value = 5
        self.fields["minutes_a_day"].widget.attrs |= {"min": 5, "max": 480, "class": "is-number"}
        self.fields["level"].initial = self.instance.candidate.target_level

    def clean_interview_on(self) -> date | None:
        """A date that stood here before may have passed; a new one lies ahead, and not years away."""
        chosen = self.cleaned_data["interview_on"]
        if chosen and chosen != self.instance.interview_on and not 0 <= (chosen - self.today).days <= 730:
            raise ValidationError("Choose a day between today and two years from now.")
        return chosen

    def clean_minutes_a_day(self) -> int:
        minutes = self.cleaned_data["minutes_a_day"]
        if not 5 <= minutes <= 480:
            raise ValidationError("Choose between 5 and 480 minutes.")
        return minutes


class DebriefForm(forms.ModelForm):
    """Free recall first: what was asked is in one's head for an hour, the round and the company for a year."""

    class Meta:
        model = Debrief
        fields = ["asked", "went", "surprised", "held_on", "round", "company", "topics"]
        labels = {
            "asked": "What were you asked?",
            "went": "How did it go?",
            "surprised": "What surprised you?",
            "held_on": "When was it?",
            "round": "Which round?",
            "company": "Which company?",
        }
        help_texts = {"asked": "Everything you remember, in any order. Two minutes is enough."}
        widgets = {
            "held_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "surprised": forms.Textarea(attrs={"class": "is-short", "rows": 2}),
        }

    def __init__(self, *args, topics: Iterable[Topic], today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        for name in ("asked", "surprised"):
            self.fields[name].max_length = MOST_RECALLED
            self.fields[name].validators.append(MaxLengthValidator(MOST_RECALLED))
        self.fields["went"].choices = [("", "I don’t know"), *Debrief.Went.choices]
        self.fields["topics"] = forms.MultipleChoiceField(
            label="Topics to practise",
            required=False,
            choices=[(topic.slug, topic.name) for topic in topics],
            widget=forms.CheckboxSelectMultiple,
            help_text="Your plan gives them more room.",
        )

    def clean_held_on(self) -> date:
        held_on = self.cleaned_data["held_on"]
        if not -3650 <= (held_on - self.today).days <= 0:
            raise ValidationError("Choose a day up to today.")
        return held_on

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not any(cleaned.get(name) for name in ("asked", "surprised", "went")):
            raise ValidationError("Write down at least one thing.")
        return cleaned
