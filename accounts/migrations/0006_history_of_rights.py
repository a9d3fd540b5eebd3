"""The database writes down who was given a right and who lost it, whichever program does it, and keeps what is written.

`holdout.actor` says who acts (accounts.rights.acting); without it, it is a command. Erasing somebody writes nothing.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER accounts_rightevent_append_only BEFORE UPDATE OR DELETE ON accounts_rightevent
    FOR EACH ROW EXECUTE FUNCTION refuse_access_log_change();

CREATE FUNCTION note_right(person bigint, what text, of_grant bigint, given boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('holdout.erasing', true) IS DISTINCT FROM 'on' THEN
        INSERT INTO accounts_rightevent (person_id, "right", grant_id, is_given, actor_id, at) VALUES (
            person, left(what, 150), of_grant, given, nullif(current_setting('holdout.actor', true), '')::bigint,
            clock_timestamp()
        );
    END IF;
END $$;

CREATE FUNCTION note_group() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one accounts_user_groups := coalesce(NEW, OLD);
BEGIN
    PERFORM note_right(one.user_id, (SELECT name FROM auth_group WHERE id = one.group_id), NULL, TG_OP = 'INSERT');
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_user_groups_history AFTER INSERT OR DELETE ON accounts_user_groups
    FOR EACH ROW EXECUTE FUNCTION note_group();

CREATE FUNCTION note_permission() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one accounts_user_user_permissions := coalesce(NEW, OLD);
BEGIN
    PERFORM note_right(
        one.user_id, (SELECT codename FROM auth_permission WHERE id = one.permission_id), NULL, TG_OP = 'INSERT'
    );
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_user_user_permissions_history AFTER INSERT OR DELETE ON accounts_user_user_permissions
    FOR EACH ROW EXECUTE FUNCTION note_permission();

CREATE FUNCTION note_flags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.is_staff IS DISTINCT FROM coalesce(OLD.is_staff, false) THEN
        PERFORM note_right(NEW.id, 'staff', NULL, NEW.is_staff);
    END IF;
    IF NEW.is_superuser IS DISTINCT FROM coalesce(OLD.is_superuser, false) THEN
        PERFORM note_right(NEW.id, 'administrator', NULL, NEW.is_superuser);
    END IF;
    IF NEW.is_active IS DISTINCT FROM coalesce(OLD.is_active, true) THEN
        PERFORM note_right(NEW.id, 'log-in', NULL, NEW.is_active);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_user_history AFTER INSERT OR UPDATE OF is_staff, is_superuser, is_active ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION note_flags();

-- What a grant opens at the moment; nothing before it is accepted and after it is revoked.
CREATE FUNCTION opened_by(one accounts_coachgrant) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN one.accepted_at IS NOT NULL AND one.revoked_at IS NULL
        THEN concat_ws(' ', 'grant:', one.scope, one.interview_public_id::text) END
$$;
CREATE FUNCTION note_grant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := opened_by(OLD);
    after text := opened_by(NEW);
BEGIN
    IF before IS DISTINCT FROM after OR OLD.coach_id IS DISTINCT FROM NEW.coach_id
        OR OLD.candidate_id IS DISTINCT FROM NEW.candidate_id THEN
        IF before IS NOT NULL THEN
            PERFORM note_right(OLD.coach_id, before, OLD.id, false);
        END IF;
        IF after IS NOT NULL THEN
            PERFORM note_right(NEW.coach_id, after, NEW.id, true);
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_coachgrant_history AFTER INSERT OR UPDATE ON accounts_coachgrant
    FOR EACH ROW EXECUTE FUNCTION note_grant();

-- What stands when the record begins: grants know their moments, roles do not.
INSERT INTO accounts_rightevent (person_id, "right", is_given, at)
    SELECT user_id, name, true, now() FROM accounts_user_groups JOIN auth_group g ON g.id = group_id
    UNION ALL SELECT id, 'staff', true, now() FROM accounts_user WHERE is_staff
    UNION ALL SELECT id, 'administrator', true, now() FROM accounts_user WHERE is_superuser
    UNION ALL SELECT id, 'log-in', false, now() FROM accounts_user WHERE NOT is_active;
INSERT INTO accounts_rightevent (person_id, "right", grant_id, is_given, actor_id, at)
    SELECT coach_id, concat_ws(' ', 'grant:', scope, interview_public_id::text), g.id, is_given, candidate_id, moment
    FROM accounts_coachgrant g, LATERAL (VALUES (true, accepted_at), (false, revoked_at)) step(is_given, moment)
    WHERE accepted_at IS NOT NULL AND moment IS NOT NULL
    ORDER BY moment;
"""

BACKWARD = """
DROP TRIGGER accounts_rightevent_append_only ON accounts_rightevent;
DROP TRIGGER accounts_coachgrant_history ON accounts_coachgrant;
DROP TRIGGER accounts_user_history ON accounts_user;
DROP TRIGGER accounts_user_user_permissions_history ON accounts_user_user_permissions;
DROP TRIGGER accounts_user_groups_history ON accounts_user_groups;
DROP FUNCTION note_grant(), opened_by(accounts_coachgrant), note_flags(), note_permission(), note_group(),
    note_right(bigint, text, bigint, boolean);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_looks_at_reports")]

    operations = [
        migrations.CreateModel(
            name="RightEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("right", models.CharField(help_text="A group, “staff”, “administrator”, “log-in”, a single permission, or what a grant opens.", max_length=150)),
                ("is_given", models.BooleanField()),
                ("at", models.DateTimeField()),
                ("actor", models.ForeignKey(blank=True, help_text="Empty: a command, or somebody who has been deleted.", null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("grant", models.ForeignKey(blank=True, help_text="Empty: a role.", null=True, on_delete=django.db.models.deletion.CASCADE, related_name="events", to="accounts.coachgrant")),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="right_events", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["-pk"],
                "verbose_name": "change of a role or grant",
                "verbose_name_plural": "roles and grants, given and taken",
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
