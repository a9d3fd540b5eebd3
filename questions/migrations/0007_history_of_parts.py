"""A change of a published version's options, points, misconceptions or topics is an edit of that version.

The models refuse it; whatever goes past them, bulk updates and plain SQL, leaves its row in the history
(0004_history_of_versions). What our own Markdown makes of a text is not the text.
"""

from django.db import migrations

PARTS = ["option", "rubricpoint", "misconception", "versiontopic"]

FORWARD = """
CREATE FUNCTION record_part_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    beside text[] := ARRAY['text_html', 'why_html'];
BEGIN
    IF TG_OP <> 'UPDATE' OR to_jsonb(OLD) - beside <> to_jsonb(NEW) - beside THEN
        INSERT INTO questions_versionevent (version_id, kind, actor_id, at)
            SELECT id, 'edited', nullif(current_setting('holdout.actor', true), '')::bigint, now()
            FROM questions_questionversion
            WHERE id IN (OLD.version_id, NEW.version_id) AND published_at IS NOT NULL
            ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
"""
TRIGGER = """
CREATE TRIGGER questions_PART_history AFTER INSERT OR UPDATE OR DELETE ON questions_PART
    FOR EACH ROW EXECUTE FUNCTION record_part_event();
"""


class Migration(migrations.Migration):
    dependencies = [("questions", "0006_forgotten_attempts")]
    operations = [
        migrations.RunSQL(FORWARD, "DROP FUNCTION record_part_event();"),
        *(
            migrations.RunSQL(TRIGGER.replace("PART", part), f"DROP TRIGGER questions_{part}_history ON questions_{part};")
            for part in PARTS
        ),
    ]
