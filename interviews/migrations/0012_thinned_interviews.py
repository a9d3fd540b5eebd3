from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("interviews", "0011_changes_of_autosaved_pages")]

    operations = [
        migrations.AddField(
            model_name="interview",
            name="thinned_at",
            field=models.DateTimeField(blank=True, help_text="When most of its old drafts were deleted.", null=True),
        ),
        migrations.AddIndex(
            model_name="interview",
            index=models.Index(condition=Q(thinned_at=None), fields=["closed_at"], name="interview_unthinned"),
        ),
    ]
