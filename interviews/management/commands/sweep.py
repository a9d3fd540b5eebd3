from django.core.management.base import BaseCommand
from django.utils import timezone

from interviews import tasks


class Command(BaseCommand):
    help = "Expire, score and compile what is due, as beat does every 20 seconds. Needs only PostgreSQL."

    def handle(self, **options):
        tasks.sweep_once(now=timezone.now())
