from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("interviews", "0023_dates_of_ones_own")]

    operations = [
        migrations.AddField(
            "interview",
            "speaks",
            models.BooleanField(db_default=False, default=False, help_text="Answers aloud, where a question takes it."),
        ),
        migrations.AddField(
            "interviewquestion",
            "is_spoken",
            models.BooleanField(db_default=False, default=False, help_text="Its time is that of a spoken answer."),
        ),
        migrations.RemoveConstraint("recording", "recording_within_size"),
        migrations.AddConstraint(
            "recording",
            models.CheckConstraint(condition=models.Q(size__lte=2**26), name="recording_within_size"),
        ),
    ]
