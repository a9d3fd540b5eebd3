"""The group `curators`: everything in this app, and nothing else."""

from django.db import migrations

MODELS = [
    "topic", "question", "questionversion", "versiontopic", "option", "rubricpoint", "misconception",
    "track", "tracksection",
]


def add_curators(apps, schema_editor):
    # Django makes permissions after the last migration; the same rows made here are left alone then.
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    curators, _ = apps.get_model("auth", "Group").objects.get_or_create(name="curators")
    for model in MODELS:
        content_type, _ = content_types.get_or_create(app_label="questions", model=model)
        name = apps.get_model("questions", model)._meta.verbose_name
        for action in ("add", "change", "delete", "view"):
            permission, _ = permissions.get_or_create(
                content_type=content_type,
                codename=f"{action}_{model}",
                defaults={"name": f"Can {action} {name}"},
            )
            curators.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("questions", "0001_item_bank"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(add_curators, migrations.RunPython.noop)]
