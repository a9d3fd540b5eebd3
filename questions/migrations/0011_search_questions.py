from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import migrations


class Migration(migrations.Migration):
    """Titles and prompts can be searched for, whatever the size of the bank."""

    dependencies = [("questions", "0010_follow_ups")]

    operations = [
        migrations.AddIndex(
            model_name="questionversion",
            index=GinIndex(
                SearchVector("title", weight="A", config="english")
                + SearchVector("prompt", weight="B", config="english"),
                name="question_version_text",
            ),
        ),
    ]
