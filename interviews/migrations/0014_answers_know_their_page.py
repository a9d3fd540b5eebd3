from django.db import migrations, models


class Migration(migrations.Migration):
    """Of an answer, which page wrote it and how much its drafts have used up; of its time, pauses and earlier openings."""

    dependencies = [("interviews", "0013_evidence_changes")]

    operations = [
        migrations.AddField(
            model_name="interviewquestion",
            name="lease",
            field=models.PositiveIntegerField(db_default=0, default=0, help_text="Of the page that wrote the answer."),
        ),
        migrations.AddField(
            model_name="interviewquestion",
            name="kept_drafts",
            field=models.PositiveIntegerField(
                db_default=0, default=0, help_text="What its drafts have used up so far."
            ),
        ),
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
        migrations.AlterField(
            model_name="answerrevision",
            name="kind",
            field=models.CharField(
                choices=[
                    ("draft", "Saved while writing"),
                    ("final", "Submitted"),
                    ("late", "After the time was up: kept, not scored"),
                    ("side", "From another page or device: kept, not scored"),
                ],
                max_length=5,
            ),
        ),
    ]
