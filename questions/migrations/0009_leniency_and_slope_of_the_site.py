from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("questions", "0008_question_uploads")]

    operations = [
        migrations.AddField(
            model_name="difficultysnapshot",
            name="leniency",
            field=models.FloatField(
                db_default=0.2, default=0.2, help_text="Logits by which own scores are above a coach's."
            ),
        ),
        migrations.AddField(
            model_name="difficultysnapshot",
            name="slope",
            field=models.FloatField(db_default=0.0, default=0.0, help_text="Logits a month, of everybody."),
        ),
        migrations.AddField(
            model_name="forgottenattempt",
            name="is_own",
            field=models.BooleanField(db_default=False, default=False, help_text="Whether the person scored it."),
        ),
    ]
