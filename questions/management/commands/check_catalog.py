from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from questions import catalog_files
from questions.running.parts import EngineFault


class Command(BaseCommand):
    help = "Say every fault of the catalog files: file, slug, field, why."

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", type=Path, default=catalog_files.CATALOG)

    def handle(self, folder, **options):
        catalog = catalog_files.read(folder)
        try:
            faults = catalog.faults + catalog_files.trial_faults(catalog.questions, catalog.files)
        except EngineFault as fault:
            raise CommandError(f"Code and queries cannot be tried here: {fault}") from fault
        for fault in faults:
            self.stdout.write(str(fault))
        if faults:
            raise CommandError(f"{len(faults)} faults")
        self.stdout.write(f"{len(catalog.questions)} questions, {len(catalog.tracks)} tracks: no faults")
