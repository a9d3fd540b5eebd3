import secrets

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.forms import LoginForm, ResetPasswordForm, SignupForm
from allauth.account.models import EmailAddress
from allauth.account.utils import setup_user_email
from django import forms
from django.db import IntegrityError, transaction

from accounts import guests
from accounts.models import GUESTS_DOMAIN, User, known_time_zones


class LogInForm(LoginForm):
    def clean_login(self) -> str:
        return get_adapter().clean_email(super().clean_login())


class ResetForm(ResetPasswordForm):
    def clean_email(self) -> str:
        """Mail goes to the spelling that is kept: to faß.de as typed it would reach fass.de, which is another's."""
        return get_adapter().clean_email(super().clean_email())


class SignUpForm(SignupForm):
    def try_save(self, request):
        """An address that has an account already costs the same work, so that the time does not tell of it either."""
        if not self.account_already_exists:
            try:
                with transaction.atomic():
                    return super().try_save(request)
            except IntegrityError:  # a double press, whose first half was faster
                self.account_already_exists = True
        self._save_nobody(request)
        return super().try_save(request)

    def _save_nobody(self, request) -> None:
        """What `save` does for somebody new, and takes it back."""
        email = f"{secrets.token_hex(16)}@{GUESTS_DOMAIN}"
        form = SignUpForm()
        form.cleaned_data = {"email": email, "password1": self.cleaned_data["password1"]}
        with transaction.atomic():
            nobody = DefaultAccountAdapter.save_user(get_adapter(), request, User(), form)
            setup_user_email(request, nobody, [EmailAddress(email=email)])
            transaction.set_rollback(True)
        guests.renew_session(request)


class SettingsForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        choices=lambda: [(name, name.replace("_", " ")) for name in known_time_zones()],
        help_text="We show dates and times in this time zone.",
    )

    class Meta:
        model = User
        fields = ["name", "time_zone", "target_level", "time_multiplier", "hides_timers", "uses_shortcuts"]
        fields += ["speaks", "hears_questions"]
        labels = {
            "time_multiplier": "Time multiplier",
            "hides_timers": "Hide the clocks until I ask for them",
            "uses_shortcuts": "Keyboard shortcuts in interviews and reviews",
            "speaks": "Speak my answers, unless I choose otherwise",
            "hears_questions": "Read questions aloud when I speak",
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
        return [
            self[name] for name in ("time_multiplier", "hides_timers", "uses_shortcuts", "speaks", "hears_questions")
        ]
