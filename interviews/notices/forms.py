from django import forms

from interviews.notices.models import KINDS, MutedNotice


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
