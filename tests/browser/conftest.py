"""A real browser, a real server, a real worker: what these tests see is what a person sees."""

import os
import re
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import connection

from accounts.models import User
from tests.embedded_servers import find_chromium
from tests.factories import PASSWORD

# Playwright's sync API runs inside an event loop, where Django would refuse to touch the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ROOT = Path(__file__).resolve().parents[2]
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": find_chromium(),
        "args": [
            *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
            # A microphone that beeps, and nobody to ask whether it may: one browser serves every file of a process.
            *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
        ],
    }


@pytest.fixture(autouse=True)
def answered_requests(transactional_db):
    """The tables are emptied only when the server has answered all that the closed page asked: a save under way
    would hold its row, and the emptying would run into its time limit."""
    under_way = 0
    change = threading.Condition()

    def count(difference: int, **_) -> None:
        nonlocal under_way
        with change:
            under_way += difference
            change.notify_all()

    begun, ended = partial(count, 1), partial(count, -1)
    request_started.connect(begun)
    request_finished.connect(ended)
    yield
    with change:
        all_answered = change.wait_for(lambda: under_way == 0, timeout=30)
    request_started.disconnect(begun)
    request_finished.disconnect(ended)
    assert all_answered, f"{under_way} requests are still without an answer"


@pytest.fixture
def catalog(transactional_db):
    call_command("load_catalog", verbosity=0)


@pytest.fixture
def person(transactional_db) -> User:
    user = User.objects.create_user("ada@example.com", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def worker(transactional_db):
    """A Celery worker on the test database and the test broker, as `./dev run` starts one."""
    # The same server, the test's database: the last part of the URL.
    url = re.sub("[^/]+$", connection.settings_dict["NAME"], os.environ["DATABASE_URL"])
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "celery", "-A", "config", "worker", "--pool", "solo", "-l", "WARNING"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url, "HOLDOUT_ROLE": "worker"},
    )
    yield process
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture
def visitor(page, live_server):
    """A page that fails the test on whatever goes wrong in it: scripts, the content security policy, a 500."""
    wrong = []
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on(
        "console", lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None
    )
    page.on("response", lambda response: wrong.append(f"500: {response.url}") if response.status >= 500 else None)
    page.set_default_timeout(10_000)
    yield page
    assert wrong == []


@pytest.fixture
def home(live_server) -> str:
    return live_server.url


@pytest.fixture
def candidate_page(visitor, person, home):
    log_in(visitor, home, person.email)
    return visitor


def log_in(page, home: str, email: str) -> None:
    page.goto(f"{home}/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url("**/interviews/")


def axe_violations(page, *rules: str) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA, or against these rules alone, as "rule: element" lines."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = {"runOnly": list(rules) or AXE_TAGS, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(options)", options)
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found["violations"] for node in rule["nodes"]]
