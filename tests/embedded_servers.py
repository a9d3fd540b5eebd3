"""An early pytest plugin: own scratch servers for the tests, and browser tests only where there is a browser.

pyproject.toml loads it before pytest-django reads the settings, which need DATABASE_URL and REDIS_URL.
The workers of pytest-xdist inherit both from the first process.
"""

import ctypes
import os
import re
import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.embedded import servers

BROWSER_TESTS = Path(__file__).parent / "browser"
NO_CHROMIUM = "no Chromium for the browser tests: apt-get install chromium-headless-shell libatomic1"

# The tests of it switch it on (tests/accounts/test_second_factor.py).
os.environ["SECOND_FACTOR_REQUIRED"] = "false"
# So do the tests of it, of which one file loads the model (tests/interviews/speech/test_hearing.py).
os.environ["SPEECH"] = "off"

_running = ExitStack()
_running.enter_context(servers(scratch=True))

# Each xdist worker has a test database of its own, and so a broker's database: no worker takes another's tasks.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["REDIS_URL"] = re.sub("db=0$", f"db={int(worker.removeprefix('gw')) + 1}", os.environ["REDIS_URL"])


def pytest_unconfigure() -> None:
    _running.close()


def find_chromium() -> str | None:
    """The system's Chromium, if it and the library that Playwright's driver needs are there."""
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        return None
    # First the one without windows: the same engine for half of the CPU.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.path.is_relative_to(BROWSER_TESTS) and not find_chromium():
        if os.environ.get("CI") == "true":
            pytest.fail(NO_CHROMIUM, pytrace=False)
        pytest.skip(NO_CHROMIUM)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [report for report in terminalreporter.getreports("skipped") if NO_CHROMIUM in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} browser tests skipped, {NO_CHROMIUM}", yellow=True)
