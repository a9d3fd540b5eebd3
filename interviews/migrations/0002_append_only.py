"""What happened and what was written cannot be changed afterwards, whatever a program tries.

Deleting somebody's account is the exception: it sets `holdout.erasing` for its own transaction.
"""

from django.db import migrations

TABLES = ["interviews_interviewevent", "interviews_answerrevision", "interviews_grade", "interviews_weaknessreport"]

FORWARD = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('holdout.erasing', true) = 'on' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
""" + "\n".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION refuse_change();"
    for table in TABLES
)

BACKWARD = "\n".join(f"DROP TRIGGER {table}_append_only ON {table};" for table in TABLES) + "\nDROP FUNCTION refuse_change();"


class Migration(migrations.Migration):
    dependencies = [("interviews", "0001_interviews")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
