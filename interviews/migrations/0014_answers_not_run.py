from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """`doctor` and /metrics count the answers that no engine could run: without it they would read every event."""

    atomic = False

    dependencies = [("interviews", "0013_evidence_changes")]

    operations = [
        AddIndexConcurrently(
            model_name="interviewevent",
            index=models.Index(
                condition=models.Q(("kind", "not_run")), fields=["at"], name="event_of_answer_not_run"
            ),
        ),
    ]
