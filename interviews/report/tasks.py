from celery import shared_task
from django.utils import timezone

from interviews.report import calibration, compiling


@shared_task(name="interviews.tasks.compile_report")
def compile_report(candidate_id: int) -> None:
    """Safe to repeat: a second run on the same history writes nothing new."""
    compiling.compile_requested(candidate_id, now=timezone.now())


# Below the 900 s after which the broker gives it to another worker.
@shared_task(name="interviews.tasks.calibrate", soft_time_limit=780, time_limit=800)
def calibrate() -> None:
    """Item statistics and difficulties, nightly. Safe to repeat, also at once: `manage.py calibrate` is the same."""
    calibration.calibrate(now=timezone.now())
