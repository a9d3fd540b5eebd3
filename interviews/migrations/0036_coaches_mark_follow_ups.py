from django.db import migrations, models


class Migration(migrations.Migration):
    """Points that a coach found made in part, and only when they were asked for."""

    dependencies = [("interviews", "0035_asks_back")]

    operations = [
        migrations.AddField(
            model_name="answerreview",
            name="after_follow_up",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], models.JSONField()),
                default=list,
                help_text="Ids of points that were made in part, and only in a follow-up",
            ),
        ),
    ]
