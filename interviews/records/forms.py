from django import forms
from django.core.exceptions import ValidationError

from accounts.addresses import canonical


class DeletionForm(forms.Form):
    """Typed, so that no click alone deletes an account."""

    address = forms.CharField(
        label="Type your email address",
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_address(self) -> str:
        address = self.cleaned_data["address"]
        if canonical(address) != canonical(self.person.email):
            raise ValidationError("This isn’t the address you log in with. Nothing was deleted.")
        return address
