from django.db import migrations, models


class Migration(migrations.Migration):
    """One member of a cohort may have other dates than the rest."""

    dependencies = [("interviews", "0022_detail_requests")]

    operations = [
        migrations.AddField(
            model_name="assignment",
            name="is_extended",
            field=models.BooleanField(db_default=False, default=False, help_text="A date of its own, which stays when the cohort's is changed."),
        ),
    ]
