import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Follow-ups are questions of their interview, in places that are kept for them when it starts."""

    dependencies = [("interviews", "0025_preparation_and_debriefs")]

    operations = [
        migrations.AddField(
            model_name="interviewquestion",
            name="follow_up_places",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="Follow-ups that may come after it; their time is kept."
            ),
        ),
        migrations.AddField(
            model_name="interviewquestion",
            name="follows",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The question that it is a follow-up to.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="follow_ups",
                to="interviews.interviewquestion",
            ),
        ),
        migrations.AddField(
            model_name="interviewquestion",
            name="probe",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="Of a follow-up: its place in the version's list.", null=True
            ),
        ),
        migrations.AddField(
            model_name="interviewquestion",
            name="asked_because",
            field=models.TextField(
                blank=True, db_default="", default="", help_text="Why this follow-up was chosen, for the candidate."
            ),
        ),
        migrations.AddConstraint(
            model_name="interviewquestion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("follows__isnull", False)),
                fields=("follows", "probe"),
                name="no_follow_up_comes_twice",
            ),
        ),
        migrations.AddConstraint(
            model_name="interviewquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("follows__isnull", True), ("probe__isnull", True)),
                    models.Q(("follow_up_places", 0), ("follows__isnull", False), ("probe__isnull", False)),
                    _connector="OR",
                ),
                name="follow_up_has_its_probe",
            ),
        ),
    ]
