from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.core.checks import run_checks
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from config.backlog import backlog
from config.health import Finding, findings
from interviews.interviewer import graders
from interviews.interviewer.models import ModelCall, ModelTrial
from interviews.speech import engines
from questions.models import QuestionVersion
from questions.running import sandbox
from questions.running.parts import EngineFault

# A design round of 45 minutes takes three on a quiet machine.
SPEECH_WAITS_SECONDS = 1800


class Command(BaseCommand):
    help = "Say what is wrong with this site, and how to mend it. Fails when the site cannot do its work."

    def handle(self, **options):
        found = list(findings())
        if not any(finding.state == "failed" for finding in found):
            found += [rate_limits(), catalog(), given_up(), engine(), not_run(), speech(), language_model()]
        found.append(static_files())
        if not settings.DEBUG:
            found += [
                Finding(message.id, "degraded", message.msg, message.hint or "")
                for message in run_checks(include_deployment_checks=True)
                if message.is_serious(30) and not message.is_silenced()
            ]
        for finding in found:
            self.report(finding)
        failed = [finding.name for finding in found if finding.state == "failed"]
        if failed:
            raise CommandError(f"Not working: {', '.join(failed)}.")

    def report(self, finding: Finding) -> None:
        style = {"ok": self.style.SUCCESS, "degraded": self.style.WARNING, "failed": self.style.ERROR}[finding.state]
        self.stdout.write(f"{style(f'{finding.state:<9}')} {finding.name}: {finding.value}")
        if finding.state != "ok" and finding.mend:
            self.stdout.write(f"{'':<10}→ {finding.mend}")


def rate_limits() -> Finding:
    try:
        cache.get("doctor")
    except DatabaseError:
        return Finding("cache_table", "failed", "missing", "Nobody can log in: run `manage.py prepare_database`.")
    return Finding("cache_table", "ok", "there", "")


def catalog() -> Finding:
    count = QuestionVersion.objects.published().count()
    mend = "No interview can start: run `manage.py load_catalog`."
    return Finding("published_questions", "ok" if count else "failed", count, mend)


def given_up() -> Finding:
    count = backlog(timezone.now()).given_up
    mend = "Some work failed three times and was left: find it in the logs by `could not`, and repair the cause."
    return Finding("given_up", "degraded" if count else "ok", count, mend)


def engine() -> Finding:
    """Runs a program that does nothing."""
    try:
        sandbox.run_program("", [], packages=[], seconds=1)
        sandbox.run_queries([{"script": "", "is_reversed": False}], ["SELECT 1"])
    except EngineFault as fault:
        mend = f"{fault} Code and SQL get no score here; everything else works. See docs/operating.md, Running code."
        return Finding("code_engine", "degraded", "does not run", mend)
    return Finding("code_engine", "ok", "runs", "")


def not_run() -> Finding:
    count = backlog(timezone.now()).not_run
    mend = "So many answers could not be run, and have no score by it: find why in the logs by `could not be run`."
    return Finding("answers_not_run", "degraded" if count else "ok", count, mend)


def speech() -> Finding:
    if not settings.SPEECH:
        return Finding("speech", "ok", "off", "")
    if missing := engines.what_is_missing():
        mend = f"{missing}. Spoken answers get no transcript; everything else works. See docs/speech.md."
        return Finding("speech", "degraded", "does not run", mend)
    waiting = backlog(timezone.now()).speech_wait_seconds
    if waiting > SPEECH_WAITS_SECONDS:
        mend = "Is there a worker for the queue `speech`? `manage.py sweep` does its work without one."
        return Finding("speech", "degraded", f"a recording waits for {waiting / 60:.0f} minutes", mend)
    return Finding("speech", "ok", engines.name_and_version()[0], "")


def language_model() -> Finding:
    """Fit is what found more in the labelled answers than matching by words, and not only runs."""
    if not graders.is_on():
        return Finding("language_model", "ok", "off", "")
    trial = ModelTrial.objects.newest()
    if trial is None or not trial.is_fit:
        value = "not tried" if trial is None else "no better than matching by words"
        mend = "`./dev bench grading --model` tries it (docs/matching.md). Who allows it is shown what it finds."
        return Finding("language_model", "degraded", value, mend)
    calls = ModelCall.objects.today(timezone.now()).count()
    mend = "No more answers are sent for today; they are matched by words."
    state = "ok" if calls < settings.LLM_CALLS_A_DAY else "degraded"
    return Finding("language_model", state, f"{trial.model}, {calls} of {settings.LLM_CALLS_A_DAY} calls today", mend)


def static_files() -> Finding:
    try:
        missing = not finders.find("css/holdout.css") or not staticfiles_storage.url("css/holdout.css")
    except ValueError:  # the manifest lacks it
        missing = True
    mend = "Pages answer 500: run `manage.py collectstatic`."
    return Finding("static_files", "failed" if missing else "ok", "missing" if missing else "there", mend)
