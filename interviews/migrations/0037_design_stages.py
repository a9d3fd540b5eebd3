from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):
    """The time of each stage of a design, and designs whose stages are not shown."""

    dependencies = [("interviews", "0036_coaches_mark_follow_ups")]

    operations = [
        migrations.AddField(
            model_name="interview",
            name="hides_stages",
            field=models.BooleanField(db_default=False, default=False, help_text="Designs without stages' prompts."),
        ),
        migrations.AddField(
            model_name="interviewquestion",
            name="stage",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="Of a design: the one at work, from 0."
            ),
        ),
        migrations.AddField(
            model_name="interviewquestion",
            name="stage_seconds",
            field=models.JSONField(
                blank=True,
                db_default=Value([], output_field=models.JSONField()),
                default=list,
                help_text="What each stage had taken when the one at work was begun.",
            ),
        ),
    ]
