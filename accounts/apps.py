from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import email_confirmed

        from accounts import security_log
        from accounts.guests import end_being_a_guest
        from accounts.sessions import note_beginning

        user_logged_in.connect(note_beginning)
        email_confirmed.connect(end_being_a_guest)
        security_log.begin()
