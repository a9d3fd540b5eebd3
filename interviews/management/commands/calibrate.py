from django.core.management.base import BaseCommand
from django.utils import timezone

from interviews.report import calibration


class Command(BaseCommand):
    help = "Item statistics and difficulties from first attempts, as beat does every night. Needs only PostgreSQL."

    def handle(self, **options):
        snapshot = calibration.calibrate(now=timezone.now())
        if snapshot is None:
            self.stdout.write("Nothing to do: no first attempts, or a snapshot younger than 12 hours.")
        else:
            self.stdout.write(f"{snapshot.name}: {snapshot.answers} first attempts.")
