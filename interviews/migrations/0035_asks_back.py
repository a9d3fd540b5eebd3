from django.db import migrations, models


class Migration(migrations.Migration):
    """Whether follow-ups are asked, to be remembered until the next interview, and for the drills that offer them."""

    dependencies = [("interviews", "0034_taking_turns")]

    operations = [
        migrations.AddField(
            model_name="interview",
            name="asks_back",
            field=models.BooleanField(
                db_default=True, default=True, help_text="Follow-ups are asked; a drill offers them."
            ),
        ),
    ]
