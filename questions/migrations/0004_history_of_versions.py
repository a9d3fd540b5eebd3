"""The database writes down every step of a version, whichever program takes it, and keeps what is written.

`holdout.actor` says who acts (accounts.rights.acting); without it, it is the catalog. A transaction's edits of one
version by one person are one event. Deleting an account is the one exception: it empties the actor.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION record_version_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor bigint := nullif(current_setting('holdout.actor', true), '')::bigint;
    beside text[] := ARRAY['status', 'published_at', 'published_by_id', 'created_by_id', 'prompt_html', 'model_answer_html'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO questions_versionevent (version_id, kind, actor_id, at) VALUES (NEW.id, 'written', actor, clock_timestamp());
        IF NEW.status = 'draft' THEN
            RETURN NULL;
        END IF;
    ELSIF OLD.content_hash <> '' AND to_jsonb(OLD) - beside <> to_jsonb(NEW) - beside THEN
        INSERT INTO questions_versionevent (version_id, kind, actor_id, at) VALUES (NEW.id, 'edited', actor, now())
            ON CONFLICT DO NOTHING;
    END IF;
    IF TG_OP = 'INSERT' OR OLD.status <> NEW.status THEN
        INSERT INTO questions_versionevent (version_id, kind, actor_id, at) VALUES (NEW.id, NEW.status, actor, clock_timestamp());
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER questions_questionversion_history AFTER INSERT OR UPDATE ON questions_questionversion
    FOR EACH ROW EXECUTE FUNCTION record_version_event();

CREATE FUNCTION keep_version_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'actor_id' = to_jsonb(NEW) - 'actor_id' AND NEW.actor_id IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND NOT EXISTS (
        SELECT FROM questions_questionversion WHERE id = OLD.version_id AND published_at IS NOT NULL
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'questions_versionevent is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER questions_versionevent_append_only BEFORE UPDATE OR DELETE ON questions_versionevent
    FOR EACH ROW EXECUTE FUNCTION keep_version_event();

INSERT INTO questions_versionevent (version_id, kind, actor_id, at)
    SELECT id, 'written', created_by_id, created_at FROM questions_questionversion;
INSERT INTO questions_versionevent (version_id, kind, actor_id, at)
    SELECT id, 'published', published_by_id, published_at FROM questions_questionversion WHERE published_at IS NOT NULL;
"""

BACKWARD = """
DROP TRIGGER questions_versionevent_append_only ON questions_versionevent;
DROP TRIGGER questions_questionversion_history ON questions_questionversion;
DROP FUNCTION keep_version_event();
DROP FUNCTION record_version_event();
"""


class Migration(migrations.Migration):
    dependencies = [("questions", "0003_curation")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
