import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A candidate would like more detail on what a review says to one answer, and what the coach adds."""

    dependencies = [("interviews", "0021_snippets")]

    operations = [
        migrations.CreateModel(
            name="DetailRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", models.TextField(blank=True)),
                ("asked_at", models.DateTimeField()),
                ("reply", models.TextField(blank=True)),
                ("replied_at", models.DateTimeField(blank=True, null=True)),
                ("question", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="detail_requests", to="interviews.interviewquestion")),
                ("review", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="detail_requests", to="interviews.review")),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("replied_at", None)), fields=("review", "question"), name="one_open_detail_request_per_answer"),
                    models.CheckConstraint(condition=models.Q(models.Q(("replied_at__isnull", True), ("reply", "")), models.Q(("replied_at__isnull", False), models.Q(("reply", ""), _negated=True)), _connector="OR"), name="detail_request_is_replied_to_in_words"),
                ],
            },
        ),
    ]
