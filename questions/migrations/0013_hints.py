from django.db import migrations, models


class Migration(migrations.Migration):
    """What helps without giving the answer away."""

    dependencies = [("questions", "0012_suggestions_of_a_question")]

    operations = [
        migrations.AddField(
            model_name="questionversion",
            name="hint",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="What helps without giving it away: shown on request.",
            ),
        ),
    ]
