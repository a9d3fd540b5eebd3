from django.db import migrations, models


class Migration(migrations.Migration):
    """What a candidate mixed an interview of, to be offered again."""

    dependencies = [("interviews", "0038_going_back")]

    operations = [
        migrations.AddField(
            model_name="interview",
            name="mix",
            field=models.JSONField(blank=True, help_text="What its candidate mixed it of: mixing.Mix.", null=True),
        ),
    ]
