import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def let_curators_decide(apps, schema_editor):
    # Django makes permissions after the last migration; the same rows made here are left alone then.
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    curators, _ = apps.get_model("auth", "Group").objects.get_or_create(name="curators")
    content_type, _ = content_types.get_or_create(app_label="interviews", model="pointexample")
    for action in ("change", "view"):
        permission, _ = permissions.get_or_create(
            content_type=content_type,
            codename=f"{action}_pointexample",
            defaults={"name": f"Can {action} sentence for a rubric point"},
        )
        curators.permissions.add(permission)


class Migration(migrations.Migration):
    """What was found about each rubric point, and the sentences with which candidates say that they made one."""

    dependencies = [
        ("interviews", "0026_follow_ups"),
        ("questions", "0012_suggestions_of_a_question"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PointSuggestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opening", models.PositiveSmallIntegerField()),
                (
                    "verdict",
                    models.CharField(
                        choices=[("found", "Found"), ("check", "Check"), ("not_found", "Not Found")], max_length=9
                    ),
                ),
                (
                    "confidence",
                    models.FloatField(help_text="How likely such a sentence is about the point. Nobody is shown it."),
                ),
                ("start", models.PositiveIntegerField(help_text="Of the sentence in what was written, else heard.")),
                ("end", models.PositiveIntegerField()),
                (
                    "reason",
                    models.CharField(blank=True, help_text="Why it is to be checked.", max_length=20),
                ),
                ("grader", models.CharField(max_length=40)),
                ("grader_version", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
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
                        related_name="suggestions",
                        to="interviews.interviewquestion",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("question", "opening", "point", "grader"), name="one_suggestion_per_point_and_grader"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("end__gte", models.F("start"))), name="suggestion_ends_after_its_start"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointExample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=1000)),
                ("at", models.DateTimeField()),
                (
                    "is_approved",
                    models.BooleanField(
                        blank=True, help_text="By a curator; not decided yet: unknown.", null=True
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="point_examples",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="examples", to="questions.rubricpoint"
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="point_examples",
                        to="interviews.interviewquestion",
                    ),
                ),
            ],
            options={
                "verbose_name": "sentence for a rubric point",
                "verbose_name_plural": "sentences for rubric points",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("candidate", "point", "text"), name="one_example_per_sentence"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("is_approved__isnull", True)),
                            models.Q(("decided_at__isnull", False), ("is_approved__isnull", False)),
                            _connector="OR",
                        ),
                        name="decided_example_has_its_moment",
                    ),
                ],
            },
        ),
        migrations.RunPython(let_curators_decide, migrations.RunPython.noop),
    ]
