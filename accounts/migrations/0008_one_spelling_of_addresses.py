from django.db import migrations
from django.db.models import F

from accounts.addresses import canonical

NOT_ASCII = r"[^\x01-\x7F]"


def spell_alike(apps, schema_editor):
    """Addresses from before there was one spelling. Of two accounts of one mailbox the one that was used last gets it.

    The other keeps its own, by which its owner still logs in: nobody but they can say which of the two should go.
    """
    User = apps.get_model("accounts", "User")
    EmailAddress = apps.get_model("account", "EmailAddress")
    CoachGrant = apps.get_model("accounts", "CoachGrant")
    by_use = F("last_login").desc(nulls_last=True)
    with_own = User.objects.filter(email__regex=NOT_ASCII)
    with_another = User.objects.filter(emailaddress__email__regex=NOT_ASCII)
    for user in (with_own | with_another).distinct().order_by(by_use, "pk").iterator():
        kept = canonical(user.email)
        others = User.objects.exclude(pk=user.pk).filter(email__iexact=kept)
        if not others.exists() and not EmailAddress.objects.exclude(user=user).filter(email=kept).exists():
            User.objects.filter(pk=user.pk).update(email=kept)
        for address in EmailAddress.objects.filter(user=user, email__regex=NOT_ASCII).order_by("-verified", "pk"):
            kept = canonical(address.email)
            is_taken = User.objects.exclude(pk=user.pk).filter(email__iexact=kept).exists()
            if not is_taken and not EmailAddress.objects.exclude(pk=address.pk).filter(email=kept).exists():
                EmailAddress.objects.filter(pk=address.pk).update(email=kept)
    for grant in CoachGrant.objects.filter(email__regex=NOT_ASCII).iterator():
        CoachGrant.objects.filter(pk=grant.pk).update(email=canonical(grant.email))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_password_attempts"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(spell_alike, migrations.RunPython.noop)]
