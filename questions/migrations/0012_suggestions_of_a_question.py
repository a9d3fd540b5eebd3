from django.db import migrations, models


class Migration(migrations.Migration):
    """A question may be left out where sentences are suggested beside its rubric."""

    dependencies = [("questions", "0011_search_questions")]

    operations = [
        migrations.AddField(
            model_name="question",
            name="suggests_points",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Beside each rubric point the sentence of an answer that may say it. Off where they mislead.",
                verbose_name="shows suggestions",
            ),
        ),
    ]
