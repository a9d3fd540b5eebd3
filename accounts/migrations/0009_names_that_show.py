from django.core.exceptions import ValidationError
from django.db import migrations

from accounts.names import tidy


def tidy_names(apps, schema_editor):
    """From before the rule. A name that shows nothing is none: the number or the address stands in, as ever."""
    User = apps.get_model("accounts", "User")
    for pk, name in User.objects.exclude(name="").values_list("pk", "name").iterator():
        try:
            shown = tidy(name)
        except ValidationError:
            shown = ""
        if shown != name:
            User.objects.filter(pk=pk).update(name=shown)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_one_spelling_of_addresses")]

    operations = [migrations.RunPython(tidy_names, migrations.RunPython.noop)]
