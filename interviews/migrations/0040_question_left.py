from django.db import migrations, models


class Migration(migrations.Migration):
    """Which question was left to go back to an earlier one, and is led on to from there."""

    dependencies = [("interviews", "0039_custom_mix")]

    operations = [
        migrations.AddField(
            model_name="interview",
            name="left_position",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="Of the question that was left to go back to an earlier one.", null=True
            ),
        ),
    ]
