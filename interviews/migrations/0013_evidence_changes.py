from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The row that asked for a report says that evidence changed; its table keeps its name and is not touched."""

    dependencies = [
        ("interviews", "0012_thinned_interviews"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelTable(name="reportrequest", table="interviews_reportrequest"),
        migrations.RenameModel(old_name="ReportRequest", new_name="EvidenceChange"),
        migrations.AlterField(
            model_name="evidencechange",
            name="candidate",
            field=models.OneToOneField(
                on_delete=models.CASCADE,
                primary_key=True,
                related_name="evidence_change",
                serialize=False,
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
