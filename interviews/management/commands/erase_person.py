from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.addresses import canonical
from accounts.models import User
from interviews.records import erasure


class Command(BaseCommand):
    help = "Delete a person with all their answers, reports and files, at once and for good."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--no-input", action="store_true", help="Do not ask for the address again.")

    def handle(self, email: str, no_input: bool, **options):
        person = User.objects.filter(email__in=[email.lower(), canonical(email)]).first()
        if person is None:
            raise CommandError(f"Nobody has the address {email}.")
        if not no_input and input("All of it goes and nothing brings it back. Type the address again: ") != email:
            raise CommandError("Nothing was deleted.")
        now = timezone.now()
        person.ask_for_erasure(at=now)
        if not erasure.erase(person.pk, now=now):
            raise CommandError("Somebody else is deleting this account at the moment.")
        self.stdout.write(f"Account {person.pk} is gone. Keep the number: after a restore, delete it again.")
