from django.db import migrations, models


class Migration(migrations.Migration):
    """What the questions of a drill are chosen by, while it runs."""

    dependencies = [("interviews", "0019_library")]

    operations = [
        migrations.AddField(
            model_name="interview",
            name="drill",
            field=models.JSONField(
                blank=True, help_text="What its questions are chosen by: adapting.Drill.", null=True
            ),
        ),
    ]
