"""A real browser, a real server, a real worker: what these tests see is what a person sees."""

import os
import re
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core.signals import request_finished, request_started
from django.db import connection

from accounts.models import User
from interviews.sitting.models import clocks as clock_rules
from interviews.sitting.models import interview as interview_rules
from tests.embedded_servers import find_chromium
from tests.factories import PASSWORD, load_shipped_catalog

# Playwright's sync API runs inside an event loop, where Django would refuse to touch the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

pytest.register_assert_rewrite("tests.browser.looking")  # it asserts for the tests: say what was found

ROOT = Path(__file__).resolve().parents[2]
TOO_SOON_MS = 1600  # a question that has just appeared takes no hand-in for so long (static/js/sitting/presses.js)
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


class Door:
    """Counts the requests under way at the live server, and turns away those that come when it is shut.

    A closed page may still send its last save: begun while the tables are being emptied, it would hold a row of one
    table and wait for another, and the emptying for the first."""

    def __init__(self, port: int):
        self.port = str(port)
        self.is_open = False
        self.under_way = set()  # threads: each serves one request at a time
        self.change = threading.Condition()

    def enter(self, environ=None, **_) -> None:
        if environ is None or environ.get("SERVER_PORT") != self.port:
            return  # Django's test client
        with self.change:
            if not self.is_open:
                raise ConnectionAbortedError("the test is over")
            self.under_way.add(threading.get_ident())

    def leave(self, **_) -> None:
        with self.change:
            self.under_way.discard(threading.get_ident())
            self.change.notify_all()

    def open(self) -> None:
        with self.change:
            self.is_open = True

    def shut(self) -> None:
        """Return when the last request is answered; raise AssertionError after 30 s."""
        with self.change:
            self.is_open = False
            all_answered = self.change.wait_for(lambda: not self.under_way, timeout=30)
        assert all_answered, f"{len(self.under_way)} requests are still without an answer"


@pytest.fixture(scope="session")
def door(live_server):
    door = Door(live_server.thread.port)
    request_started.connect(door.enter)
    request_finished.connect(door.leave)
    return door


@pytest.fixture(autouse=True)
def open_door(transactional_db, door):
    """The server serves while the test runs, and not while the tables are emptied after it."""
    door.open()
    yield
    door.shut()


@pytest.fixture
def catalog(transactional_db):
    load_shipped_catalog()


@pytest.fixture
def person(transactional_db) -> User:
    user = User.objects.create_user("ada@example.com", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def worker(transactional_db):
    """A Celery worker on the test database and the test broker, for both queues, as `./dev run` starts two."""
    # The same server, the test's database: the last part of the URL.
    url = re.sub("[^/]+$", connection.settings_dict["NAME"], os.environ["DATABASE_URL"])
    process = subprocess.Popen(
        [
            *(sys.executable, "-W", "ignore", "-m", "celery", "-A", "config", "worker"),
            *("--pool", "solo", "--queues", "celery,running", "-l", "WARNING"),
        ],
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


def confirm_password(page) -> None:
    page.wait_for_url("**/reauthenticate/**")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def axe_violations(page, *rules: str, within: str = "html") -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA, or against these rules alone, as "rule: element" lines."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    # Without `preload`, axe reads no style sheets: in the admin that would break the policy.
    options = {"runOnly": list(rules) or AXE_TAGS, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("([within, options]) => axe.run(within, options)", [within, options])
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found["violations"] for node in rule["nodes"]]


@pytest.fixture
def short_grace(monkeypatch):
    """A second instead of ten or thirty, on the server and so on the page."""
    for rules, name in (
        (clock_rules, "QUESTION_GRACE"),
        (clock_rules, "INTERVIEW_GRACE"),
        (interview_rules, "INTERVIEW_GRACE"),
    ):
        monkeypatch.setattr(rules, name, timedelta(seconds=1))
