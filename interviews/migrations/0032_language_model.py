import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Who lets a language model read their answers, what it was sent, and how good it was when it was tried."""

    dependencies = [
        ("interviews", "0031_plainer_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ModelTrial",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("service", models.CharField(max_length=255)),
                ("model", models.CharField(max_length=100)),
                ("prompt_version", models.CharField(max_length=20)),
                ("numbers", models.JSONField()),
                ("is_fit", models.BooleanField(help_text="It did better than matching by words.")),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AlterField(
            model_name="pointsuggestion",
            name="confidence",
            field=models.FloatField(
                help_text="How likely such a sentence is about the point, where its grader says so. Nobody is shown it.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="pointsuggestion",
            name="grader_version",
            field=models.CharField(max_length=100),
        ),
        migrations.CreateModel(
            name="ModelCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opening", models.PositiveSmallIntegerField()),
                ("service", models.CharField(max_length=255)),
                ("model", models.CharField(max_length=100)),
                ("prompt", models.JSONField(help_text="The messages, as they were sent.")),
                ("reply", models.TextField(blank=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("asked", "No reply yet"),
                            ("read", "Read"),
                            ("unreadable", "Not what was asked for"),
                            ("away", "No reply"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("prompt_tokens", models.PositiveIntegerField(blank=True, null=True)),
                ("reply_tokens", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "cost",
                    models.DecimalField(
                        blank=True,
                        decimal_places=8,
                        help_text="By the prices in the settings.",
                        max_digits=14,
                        null=True,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="model_calls",
                        to="interviews.interviewquestion",
                    ),
                ),
            ],
            options={
                "verbose_name": "call of the language model",
                "verbose_name_plural": "calls of the language model",
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["at"], name="model_call_by_time")],
            },
        ),
        migrations.CreateModel(
            name="ModelConsent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("service", models.CharField(help_text="The host that answers are sent to.", max_length=255)),
                ("model", models.CharField(max_length=100)),
                ("given_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="model_consents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("candidate",),
                        name="one_live_model_consent_a_candidate",
                    )
                ],
            },
        ),
    ]
