import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Points that somebody answers again afterwards: practice, in no report."""

    dependencies = [("interviews", "0027_found_points"), ("questions", "0012_suggestions_of_a_question")]

    operations = [
        migrations.CreateModel(
            name="SecondTry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField()),
                ("handed_in_at", models.DateTimeField(blank=True, null=True)),
                ("text", models.TextField(blank=True)),
                (
                    "mark",
                    models.CharField(
                        blank=True,
                        choices=[("hit", "Hit"), ("partly", "Partly"), ("missed", "Missed")],
                        max_length=6,
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="questions.rubricpoint"
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="second_tries",
                        to="interviews.interviewquestion",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "second tries",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("handed_in_at__isnull", True)),
                        fields=("question", "point"),
                        name="one_try_of_a_point_at_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mark__in", ["", "hit", "partly", "missed"])),
                        name="second_try_mark_is_known",
                    ),
                ],
            },
        ),
    ]
