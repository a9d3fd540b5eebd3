from django import forms

from accounts.models import User, known_time_zones


class SettingsForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        choices=lambda: [(name, name.replace("_", " ")) for name in known_time_zones()],
        help_text="Dates and times are shown in it.",
    )

    class Meta:
        model = User
        fields = ["name", "time_zone", "target_level", "time_multiplier", "hides_timers", "uses_shortcuts"]
        labels = {
            "time_multiplier": "Time multiplier",
            "hides_timers": "Hide the clocks until I ask for them",
            "uses_shortcuts": "Keyboard shortcuts in interviews and reviews",
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "time_multiplier": forms.NumberInput(attrs={"step": "0.05", "class": "is-number"}),
        }

    @property
    def profile_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "target_level", "time_zone")]

    @property
    def comfort_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("time_multiplier", "hides_timers", "uses_shortcuts")]
