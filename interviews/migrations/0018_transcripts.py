import django.db.models.deletion
from django.db import migrations, models

# What was heard is not edited. It goes with its recording, which its candidate may replace while the question is open.
TABLES = ["interviews_transcript", "interviews_transcriptcorrection"]
FORWARD = "\n".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change();"
    for table in TABLES
)
BACKWARD = "\n".join(f"DROP TRIGGER {table}_append_only ON {table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("interviews", "0017_cohort_assignments")]

    operations = [
        migrations.AddField("recording", "asked_at", models.DateTimeField(editable=False, null=True, help_text="When a worker was last asked to transcribe it; empty: nothing is due.")),
        migrations.AddField("recording", "attempts", models.PositiveSmallIntegerField(db_default=0, default=0, editable=False)),
        migrations.AddField("recording", "held_until", models.DateTimeField(editable=False, null=True, help_text="Until then somebody is transcribing it.")),
        migrations.AddField("recording", "heard_seconds", models.FloatField(db_default=0, default=0, editable=False)),
        migrations.AddIndex(
            "recording",
            models.Index(fields=["asked_at"], condition=models.Q(asked_at__isnull=False), name="recording_to_be_transcribed"),
        ),
        migrations.CreateModel(
            name="Transcript",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("engine", models.CharField(max_length=100)),
                ("engine_version", models.CharField(max_length=40)),
                ("text", models.TextField(blank=True, help_text="Empty: no words were heard.")),
                ("words", models.JSONField(help_text="[{word, start, end, probability}], in order; seconds from the start.")),
                ("pauses", models.JSONField(help_text="[[start, end]] of 2 s and more; empty where nobody measured.", null=True)),
                ("words_a_minute", models.FloatField(help_text="Empty: too little was said.", null=True)),
                ("seconds", models.FloatField()),
                ("is_damaged", models.BooleanField(default=False, help_text="There was no sound to be had from the file.")),
                ("created_at", models.DateTimeField()),
                ("recording", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="transcript", to="interviews.recording")),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.CreateModel(
            name="TranscriptCorrection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                ("transcript", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="corrections", to="interviews.transcript")),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
