from itertools import groupby
from pathlib import Path

from django.core.management.base import BaseCommand

from questions import catalog_files, catalog_writing
from questions.exchange import figure_export
from questions.models import QuestionVersion


class Command(BaseCommand):
    help = "Write topics, tracks and the newest version of every question as catalog files."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)

    def handle(self, folder, **options):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "topics.yaml").write_text(catalog_writing.written(catalog_files.topic_entries()))
        (folder / "tracks.yaml").write_text(catalog_writing.written(catalog_files.track_entries()))
        figures = figure_export.Folder(folder)
        versions = QuestionVersion.objects.newest().with_content().filter(topic_links__position=0)
        versions = versions.order_by("topic_links__topic__slug", "question_id")
        for topic, group in groupby(versions, key=lambda version: version.primary_topic.slug):
            entries = [figures.entry_of(version) for version in group]
            (folder / f"{topic}.yaml").write_text(catalog_writing.written(entries))
            self.stdout.write(f"{topic}.yaml: {len(entries)} questions")
