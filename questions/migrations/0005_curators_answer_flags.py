"""The group `curators` sees reported problems and answers them; it neither files nor deletes them."""

from django.db import migrations


def add_permissions(apps, schema_editor):
    # Django makes permissions after the last migration; the same rows made here are left alone then.
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    curators = apps.get_model("auth", "Group").objects.get(name="curators")
    content_type, _ = content_types.get_or_create(app_label="questions", model="questionflag")
    for action in ("change", "view"):
        permission, _ = permissions.get_or_create(
            content_type=content_type,
            codename=f"{action}_questionflag",
            defaults={"name": f"Can {action} reported problem"},
        )
        curators.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("questions", "0004_history_of_versions")]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
