from django.db import migrations, models


class Migration(migrations.Migration):
    """Of the time of an answer, what went into pauses, and what earlier openings had used."""

    dependencies = [("interviews", "0015_answers_know_their_page")]

    operations = [
        migrations.AddField(
            model_name="interviewquestion",
            name="paused_seconds",
            field=models.FloatField(db_default=0, default=0, help_text="In pauses of this opening."),
        ),
        migrations.AddField(
            model_name="interviewquestion",
            name="earlier_seconds",
            field=models.FloatField(db_default=0, default=0, help_text="Used in earlier openings."),
        ),
    ]
