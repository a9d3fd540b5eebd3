"""allauth's forms for passkeys, which break on an answer that no browser gives: such a one is refused as wrong."""

import struct

from allauth.mfa.webauthn import forms
from django.core.exceptions import ValidationError

from accounts.names import WithName, tidy

# What the parsers raise on JSON that is no credential. (ValueError and TypeError: allauth knows of some.)
NONSENSE = (LookupError, AttributeError, TypeError, ValueError, struct.error)
MESSAGE = "That isn't one of your passkeys. Try again, or use another way."


class CarefulCredential:
    def clean_credential(self):
        try:
            return super().clean_credential()
        except NONSENSE as error:
            raise ValidationError(MESSAGE) from error


class Authenticate(CarefulCredential, forms.AuthenticateWebAuthnForm):
    pass


class LogIn(CarefulCredential, forms.LoginWebAuthnForm):
    pass


class Reauthenticate(CarefulCredential, forms.ReauthenticateWebAuthnForm):
    pass


class Add(forms.AddWebAuthnForm):
    def clean_name(self) -> str:
        """The device has made the passkey already: it is not refused for its name, it is given one."""
        try:
            self.cleaned_data["name"] = tidy(self.cleaned_data["name"])
        except ValidationError:
            self.cleaned_data["name"] = ""
        return super().clean_name()

    def clean(self):
        try:
            return super().clean()
        except NONSENSE as error:
            raise ValidationError(MESSAGE) from error


class Rename(WithName, forms.EditWebAuthnForm):
    pass
