from django.db import migrations, models


class Migration(migrations.Migration):
    """The hidden case that a hint showed."""

    dependencies = [("interviews", "0029_hinted_answers")]

    operations = [
        migrations.AddField(
            model_name="interviewquestion",
            name="hinted_case",
            field=models.JSONField(
                blank=True,
                help_text="The hidden case that its hint showed, as judged then; empty: all passed.",
                null=True,
            ),
        ),
    ]
