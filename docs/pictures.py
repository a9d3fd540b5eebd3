"""The pictures of the landing page and the README, from the running site: ./dev pictures

The question screen and the report of the demo candidate, light and dark, into static/img/. A database of its own.
"""

import os
import shutil
import tempfile
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks._site import free_port, own_database, say, serve

DATABASE = "holdout_pictures"
FOLDER = Path(__file__).parent.parent / "static" / "img"
SIZE = {"width": 1280, "height": 800}
REPORT_SIZE = {"width": 1280, "height": 1480}
QUESTION = "roc-auc"
ANSWER = (
    "It shows what each threshold costs: the true positive rate against the false positive rate, from the strictest "
    "threshold to the loosest. The area under it is the chance that a random positive gets a higher score than a "
    "random negative.\n\n"
    "With few positives it looks too good, because the false positive rate divides by all the negatives. I would look "
    "at precision and recall there."
)


def prepare() -> str:
    """Tables, catalog, demo people, and an interview in progress; gives its address."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "true"}
    import django

    django.setup()
    from django.core.management import call_command

    for command in ("migrate", "createcachetable", "load_catalog"):
        call_command(command, verbosity=0)
    call_command("demo")

    from django.utils import timezone

    from accounts.models import User
    from interviews.sitting.models import Interview, Practice
    from questions.models import QuestionVersion, Track

    candidate = User.objects.get(email="candidate@example.com")
    track = Track.objects.get(slug="general-screen")
    first = QuestionVersion.objects.published().get(question__slug=QUESTION)
    others = QuestionVersion.objects.published().filter(format=first.format).exclude(pk=first.pk)[:7]
    plan = Practice(track.name, [first, *others])
    now = timezone.now()
    interview = Interview.objects.start(candidate, plan, pace="strict", time_multiplier=Decimal(1), now=now)
    return f"/interviews/{interview.public_id}/"


def log_in(page: Page, home: str) -> None:
    page.goto(f"{home}/accounts/login/")
    page.get_by_label("Email").fill("candidate@example.com")
    page.get_by_label("Password").fill("holdout-demo")
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url("**/interviews/")


def take(page: Page, home: str, interview: str) -> None:
    page.goto(home + interview)
    page.locator("textarea").first.fill(ANSWER)
    page.locator("input[name=confidence][value='80']").check()
    page.locator(".save-state.is-saved").wait_for()
    shoot(page, "question")
    page.set_viewport_size(REPORT_SIZE)
    page.goto(f"{home}/report/")
    shoot(page, "report")


def shoot(page: Page, name: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=FOLDER / f"{name}-{scheme}.png")
        say(f"static/img/{name}-{scheme}.png")


def main() -> None:
    with closing(own_database(DATABASE)):
        folder = tempfile.mkdtemp()
        interview = prepare()
        port = free_port()
        web = serve(port, Path(folder) / "web.log")
        try:
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(
                    executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"),
                    args=["--no-sandbox", "--disable-gpu"],
                )
                page = chromium.new_page(viewport=SIZE, reduced_motion="reduce")
                log_in(page, f"http://127.0.0.1:{port}")
                take(page, f"http://127.0.0.1:{port}", interview)
                chromium.close()
        finally:
            web.terminate()
            web.wait()
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
