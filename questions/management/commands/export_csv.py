from pathlib import Path

from django.core.management.base import BaseCommand

from questions.exchange import table
from questions.models import QuestionVersion


class Command(BaseCommand):
    help = "Write the newest version of every question as a CSV file."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, file, **options):
        versions = QuestionVersion.objects.newest().with_content().order_by("question__slug")
        file.write_bytes(table.written(versions))
        self.stdout.write(f"{file}: {len(versions)} questions")
