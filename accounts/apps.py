from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import email_confirmed

        from accounts.guests import end_being_a_guest

        email_confirmed.connect(end_being_a_guest)
