from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("questions", "0009_leniency_and_slope_of_the_site")]
    operations = [
        migrations.AddField(
            "questionversion",
            "follow_ups",
            models.JSONField(
                default=list,
                blank=True,
                db_default=models.Value([], models.JSONField()),
                help_text="See docs/catalog.md.",
            ),
        )
    ]
