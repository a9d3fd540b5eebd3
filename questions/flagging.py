"""Addresses at which a person may report a question: signed, so that only who was shown it has one."""

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from questions.models import QuestionVersion

_signer = Signer(salt="questions.flag")


def address(version: QuestionVersion, user) -> str:
    """Put on a page only where this person may see this version."""
    return reverse("questions:flag", args=[_signer.sign_object([version.pk, user.pk])])


def version_at(reference: str, user) -> QuestionVersion:
    """Raises QuestionVersion.DoesNotExist for a reference that was not made for this person."""
    try:
        version_pk, user_pk = _signer.unsign_object(reference)
    except (BadSignature, ValueError) as error:
        raise QuestionVersion.DoesNotExist from error
    if user_pk != user.pk:
        raise QuestionVersion.DoesNotExist
    return QuestionVersion.objects.select_related("question").get(pk=version_pk)
