import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two candidates take turns in a live mock."""

    dependencies = [("interviews", "0033_live_mocks")]

    operations = [
        migrations.AddField(
            model_name="livemock",
            name="takes_turns",
            field=models.BooleanField(
                db_default=False, default=False, help_text="Two candidates, who swap afterwards."
            ),
        ),
        migrations.AddField(
            model_name="livemock",
            name="sees_new_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When the one who asks agreed to see questions they have not answered.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="livemock",
            name="swapped_from",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="swapped_to",
                to="interviews.livemock",
            ),
        ),
    ]
