import zoneinfo

from django import forms

from accounts.models import User


class SettingsForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        choices=lambda: [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())]
    )

    class Meta:
        model = User
        fields = ["name", "time_zone", "time_multiplier", "hides_timers", "uses_shortcuts"]
        labels = {
            "time_multiplier": "Time multiplier",
            "hides_timers": "Hide the clocks until I ask for them",
            "uses_shortcuts": "Keyboard shortcuts in the interview (Alt and a letter)",
        }
