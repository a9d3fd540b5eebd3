from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """A question may be left and taken up again: its answer is then handed in more than once in an opening."""

    dependencies = [("interviews", "0037_design_stages")]

    operations = [
        migrations.AddField(
            model_name="interviewquestion",
            name="away_seconds",
            field=models.FloatField(
                db_default=0, default=0, help_text="At other questions, before it was taken up again."
            ),
        ),
        migrations.RemoveConstraint(model_name="answerrevision", name="one_final_answer_per_opening"),
        migrations.AddConstraint(
            model_name="answerrevision",
            constraint=models.UniqueConstraint(
                fields=["question", "opening", "rev"], condition=Q(kind="final"), name="one_final_answer_per_rev"
            ),
        ),
    ]
