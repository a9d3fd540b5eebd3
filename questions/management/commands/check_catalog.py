from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from questions import catalog_files


class Command(BaseCommand):
    help = "Say every fault of the catalog files: file, slug, field, why. Warnings keep nothing from being loaded."

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", type=Path, default=catalog_files.CATALOG)

    def handle(self, folder, **options):
        catalog = catalog_files.read(folder)
        for warning in catalog.warnings:
            self.stdout.write(f"warning: {warning}")
        for fault in catalog.faults:
            self.stdout.write(str(fault))
        if catalog.faults:
            raise CommandError(f"{len(catalog.faults)} faults")
        self.stdout.write(f"{len(catalog.questions)} questions, {len(catalog.tracks)} tracks: no faults")
