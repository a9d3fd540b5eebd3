from collections import Counter

from django.core.management.base import BaseCommand

from questions import catalog_files, formats
from questions.models import Status


class Command(BaseCommand):
    help = "Say what the catalog files hold: questions by topic, format and subtopic, follow-ups and paraphrases."

    def handle(self, **options):
        catalog = catalog_files.read()
        published = [entry for entry in catalog.questions if entry["status"] == Status.PUBLISHED]
        opened = [entry for entry in published if not is_machine_scored(entry)]
        points = [point for entry in opened for point in entry["rubric"]]
        sections = [section for track in catalog.tracks for section in track["sections"]]
        inside = sum(any(catalog_files.fits(entry, section) for section in sections) for entry in published)
        self._line("published", len(published))
        self._line("open, code, SQL or staged", sum(1 for entry in published if is_long(entry)))
        for name, count in sorted(Counter(entry["format"] for entry in published).items()):
            self._line(f"  {name}", count)
        for name, count in sorted(Counter(entry["topics"][0] for entry in published).items()):
            self._line(f"topic {name}", count)
            parts = Counter(entry.get("subtopic", "–") for entry in published if entry["topics"][0] == name)
            for part, number in sorted(parts.items()):
                self._line(f"  {part}", number)
        self._line("open questions with follow-ups", f"{sum('follow_ups' in e for e in opened)} of {len(opened)}")
        self._line(
            "rubric points with two paraphrases",
            f"{sum(len(point.get('says', [])) >= 2 for point in points)} of {len(points)}",
        )
        right = Counter(
            sum(option["right"] for option in entry["options"])
            for entry in published
            if entry["format"] == "multiple_choice"
        )
        self._line("multiple choice by right options", ", ".join(f"{n}: {right[n]}" for n in sorted(right)))
        self._line("in a track", f"{inside} of {len(published)}, {len(catalog.tracks)} tracks")

    def _line(self, name: str, value) -> None:
        self.stdout.write(f"{name:40} {value}")


def is_machine_scored(entry: dict) -> bool:
    return formats.get(entry["format"]).is_closed


def is_long(entry: dict) -> bool:
    """SQL is scored by the machine, but written."""
    return not is_machine_scored(entry) or formats.get(entry["format"]).is_tried_at_load
