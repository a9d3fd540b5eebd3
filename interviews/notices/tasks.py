from celery import shared_task
from django.utils import timezone

from interviews.notices import mailing
from interviews.notices.models import Notice


@shared_task(name="interviews.notices.mail_notice")
def mail_notice(notice_id: int) -> None:
    """Safe to repeat, also at once."""
    notice = Notice.objects.to_mail(timezone.now()).filter(pk=notice_id).first()
    if notice:
        mailing.send(notice, now=timezone.now())
