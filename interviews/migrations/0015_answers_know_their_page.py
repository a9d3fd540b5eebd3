from django.db import migrations, models


class Migration(migrations.Migration):
    """Of what is held, which page wrote it; of its drafts, how much they have used up."""

    dependencies = [("interviews", "0014_answers_not_run")]

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
