from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_cohorts")]

    operations = [
        migrations.AddField("user", "speaks", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("user", "hears_questions", models.BooleanField(db_default=True, default=True)),
    ]
