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

    def is_anothers(email, user):
        is_account = User.objects.exclude(pk=user.pk).filter(email__iexact=email).exists()
        return is_account or EmailAddress.objects.exclude(user=user).filter(email=email).exists()

    with_own = User.objects.filter(email__regex=NOT_ASCII)
    with_another = User.objects.filter(emailaddress__email__regex=NOT_ASCII)
    by_use = F("last_login").desc(nulls_last=True)
    for user in (with_own | with_another).distinct().order_by(by_use, "pk").iterator():
        mailboxes = {}
        for address in EmailAddress.objects.filter(user=user).order_by("-primary", "-verified", "pk"):
            mailboxes.setdefault(canonical(address.email), []).append(address.pk)
        for email, (first, *others) in mailboxes.items():
            if not is_anothers(email, user):
                EmailAddress.objects.filter(pk__in=others).delete()
                EmailAddress.objects.filter(pk=first).update(email=email)
        if not is_anothers(canonical(user.email), user):
            User.objects.filter(pk=user.pk).update(email=canonical(user.email))
    for grant in CoachGrant.objects.filter(email__regex=NOT_ASCII).iterator():
        CoachGrant.objects.filter(pk=grant.pk).update(email=canonical(grant.email))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_password_attempts"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(spell_alike, migrations.RunPython.noop)]
