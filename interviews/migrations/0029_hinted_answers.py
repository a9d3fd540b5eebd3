from django.db import migrations, models


class Migration(migrations.Migration):
    """When somebody took the hint: their answer then counts in no report."""

    dependencies = [("interviews", "0028_answering_again")]

    operations = [
        migrations.AddField(
            model_name="interviewquestion",
            name="hinted_at",
            field=models.DateTimeField(blank=True, help_text="When its hint was shown.", null=True),
        ),
    ]
