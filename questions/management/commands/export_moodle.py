from pathlib import Path

from django.core.management.base import BaseCommand

from questions.exchange import moodle_export
from questions.models import QuestionVersion


class Command(BaseCommand):
    help = "Write the published questions as a Moodle XML file."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, file, **options):
        versions = QuestionVersion.objects.published().with_content()
        file.write_bytes(moodle_export.written(versions))
        self.stdout.write(f"{file}: {len(versions)} questions")
