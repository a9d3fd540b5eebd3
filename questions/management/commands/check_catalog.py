from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from questions import catalog_files, catalog_style
from questions.formats.free_text import length_warning
from questions.matching import authoring
from questions.matching.lexical import Point
from questions.matching.weights import Weights, all_text
from questions.running.parts import EngineFault


class Command(BaseCommand):
    help = "Say every fault of the catalog files: file, slug, field, why. Warnings keep nothing from being loaded."

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", type=Path, default=catalog_files.CATALOG)
        parser.add_argument("--warnings", action="store_true", help="Say each of what is only counted otherwise.")

    def handle(self, folder, warnings, **options):
        catalog = catalog_files.read(folder)
        for warning in catalog.warnings:
            self.stdout.write(f"warning: {warning}")
        try:
            faults = catalog.faults + catalog_files.trial_faults(catalog.questions, catalog.files)
        except EngineFault as fault:
            raise CommandError(f"Code and queries cannot be tried here: {fault}") from fault
        for fault in faults:
            self.stdout.write(str(fault))
        if faults:
            raise CommandError(f"{len(faults)} faults")
        self._warn(catalog, in_full=warnings)
        self.stdout.write(f"{len(catalog.questions)} questions, {len(catalog.tracks)} tracks: no faults")

    def _warn(self, catalog: catalog_files.Catalog, *, in_full: bool) -> None:
        """What no question is refused for, but its author should look at."""
        contents = {entry["slug"]: catalog_files.content_of(entry) for entry in catalog.questions}
        weights = Weights.of(map(all_text, contents.values()))
        found = [f"{slug}: {why}" for slug, why in catalog_style.warnings(catalog.questions, catalog.tracks)]
        for slug, content in contents.items():
            points = [Point(point["point"], point["says"]) for point in content["rubric"]]
            wrongs = [wrong["statement"] for wrong in content["misconceptions"]]
            found += [f"{slug}: rubric[{place}]: {why}" for place, why in authoring.warnings(weights, points, wrongs)]
            if points and not content["follow_ups"]:
                found.append(f"{slug}: follow_ups: none")
        for entry in catalog.questions:
            is_typed = entry["format"] == "free_text"
            if is_typed and (why := length_warning(entry["model_answer"], entry["limit_seconds"])):
                found.append(f"{entry['slug']}: model_answer: {why}")
        for warning in found if in_full else []:
            self.stdout.write(f"warning: {warning}")
        self.stdout.write(f"{len(found)} warnings" + ("" if in_full else ", listed with --warnings"))
