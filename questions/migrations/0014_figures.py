"""Images of questions. What is in one never changes; a change of a published version's is in its history."""

import importlib

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

PARTS = importlib.import_module("questions.migrations.0007_history_of_parts")
HISTORY = PARTS.TRIGGER.replace("PART", "versionfigure")
FIXED = """
CREATE FUNCTION keep_figure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a figure never changes' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER questions_figure_fixed BEFORE UPDATE ON questions_figure FOR EACH ROW EXECUTE FUNCTION keep_figure();
"""


def let_curators(apps, schema_editor):
    # Django makes permissions after the last migration; the same rows made here are left alone then.
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    curators = apps.get_model("auth", "Group").objects.get(name="curators")
    content_type, _ = content_types.get_or_create(app_label="questions", model="versionfigure")
    for action in ("add", "change", "delete", "view"):
        permission, _ = permissions.get_or_create(
            content_type=content_type,
            codename=f"{action}_versionfigure",
            defaults={"name": f"Can {action} image"},
        )
        curators.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("questions", "0013_hints")]
    operations = [
        migrations.CreateModel(
            name="Figure",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("content", models.BinaryField()),
                ("content_type", models.CharField(max_length=10)),
                ("width", models.PositiveSmallIntegerField()),
                ("height", models.PositiveSmallIntegerField()),
                ("kept_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("content_type__in", ["image/png", "image/jpeg", "image/webp"])),
                        name="figure_content_type_is_known",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="VersionFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("name", models.CharField(max_length=100)),
                (
                    "figure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="questions.figure"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="figures",
                        to="questions.questionversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "image",
                "ordering": ["position", "pk"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("version", "name"), name="version_figures_have_names_of_their_own"
                    )
                ],
            },
        ),
        migrations.RunSQL(FIXED, "DROP TRIGGER questions_figure_fixed ON questions_figure; DROP FUNCTION keep_figure();"),
        migrations.RunSQL(HISTORY, "DROP TRIGGER questions_versionfigure_history ON questions_versionfigure;"),
        migrations.RunPython(let_curators, migrations.RunPython.noop),
    ]
