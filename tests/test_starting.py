"""`./dev run` from the first second to the last, as people start and stop it: what it says, and when it refuses."""

import http.server
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from config import children
from config.embedded import remove_scratch
from config.supervisor import run_that_answers
from tests.production import CHECKOUT, free_port

PATIENCE_SECONDS = 180


def environment(data: Path, **variables: object) -> dict[str, str]:
    ours = ("DATABASE_URL", "REDIS_URL", "DEBUG", "ALLOWED_HOSTS", "HOST", "PORT")
    outside = {name: value for name, value in os.environ.items() if name not in ours}
    return outside | {"HOLDOUT_DATA": str(data)} | {name: str(value) for name, value in variables.items()}


class Run:
    """One `./dev run`, and what it has said."""

    def __init__(self, log: Path, data: Path, **variables: object) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.supervisor"],
                cwd=CHECKOUT,
                env=environment(data, **variables),
                stdout=output,
                stderr=output,
            )

    def said(self) -> str:
        return self.log.read_text()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def wait_until_it_runs(self) -> None:
        self.wait_until(lambda: "Holdout runs at" in self.said())

    def press_ctrl_c(self) -> None:
        self.process.send_signal(signal.SIGINT)


@pytest.fixture
def run(tmp_path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(**variables: object) -> Run:
        runs.append(Run(tmp_path / f"log-{len(runs)}", tmp_path / "data", **variables))
        return runs[-1]

    yield start
    for one in runs:
        one.process.kill()
        one.process.wait()
    remove_scratch(tmp_path / "data")


def get(address: str, host: str | None = None) -> int:
    connection = HTTPConnection(re.fullmatch(r"http://(.*)/", address)[1], timeout=PATIENCE_SECONDS)
    connection.request("GET", "/", headers={"Host": host} if host else {})
    status = connection.getresponse().status
    connection.close()
    return status


# --- A whole run ----------------------------------------------------------------------------------


def test_a_run_on_every_address_keeps_its_port_says_addresses_that_open_and_is_followed_by_the_next(run):
    port = free_port()
    first = run(HOST="0.0.0.0", PORT=port)
    first.wait_until(lambda: is_taken(port))
    assert "Holdout runs at" not in first.said()  # long before it answers, nobody else can have its port

    first.wait_until_it_runs()
    assert f"Holdout runs at http://127.0.0.1:{port}/\n" in first.said()
    for address in re.findall(r"http://\S+/", first.said()):
        assert get(address) == 200, address
    assert get(f"http://127.0.0.1:{port}/", socket.gethostname()) == 200
    assert get(f"http://127.0.0.1:{port}/", "another.example.com") == 400

    browser = socket.create_connection(("127.0.0.1", port))  # as browsers keep them, for later
    first.press_ctrl_c()
    second = run(PORT=port)
    assert first.process.wait(PATIENCE_SECONDS) == 0
    assert "not everything" not in first.said()
    browser.close()
    second.wait_until_it_runs()
    assert "Traceback" not in first.said() + second.said()
    assert get(f"http://127.0.0.1:{port}/") == 200


def is_taken(port: int) -> bool:
    try:
        socket.create_server(("0.0.0.0", port)).close()
    except OSError:
        return True
    return False


# --- What cannot be started -----------------------------------------------------------------------


def refusal(data: Path, **variables: object) -> str:
    process = subprocess.run(
        [CHECKOUT / "dev", "run"],
        env=environment(data, **variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert process.returncode == 1
    assert process.stdout == ""
    (sentence,) = process.stderr.splitlines()
    return sentence


@pytest.mark.parametrize("port", ["99999", "-1", "http", "80 80"])
def test_a_port_that_is_none_is_refused_in_a_sentence(tmp_path, port):
    assert f"{port} is no port" in refusal(tmp_path, PORT=port)


def test_a_port_that_is_taken_is_said_to_be(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"port {port} is taken" in refusal(tmp_path, PORT=port)


@pytest.mark.parametrize("host", ["198.51.100.7", "no-such-name.invalid"])
def test_an_address_that_is_not_this_machines_is_refused_in_a_sentence(tmp_path, host):
    assert f"cannot listen on {host}" in refusal(tmp_path, HOST=host, PORT=free_port())


def test_a_data_folder_that_is_a_file_or_in_one_is_refused_in_a_sentence(tmp_path):
    file = tmp_path / "file"
    file.touch()
    assert f"{file} cannot be used (it is a file)" in refusal(file, PORT=free_port())
    assert f"{file}/data cannot be used" in refusal(file / "data", PORT=free_port())
    assert file.read_bytes() == b""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_data_folder_that_cannot_be_made_is_refused_in_a_sentence():
    assert "/proc/holdout cannot be used" in refusal(Path("/proc/holdout"), PORT=free_port())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_that_is_closed_to_us_is_refused_in_a_sentence(tmp_path):
    tmp_path.chmod(0o500)
    try:
        assert f"{tmp_path} cannot be used" in refusal(tmp_path, PORT=free_port())
    finally:
        tmp_path.chmod(0o700)


def test_a_data_folder_in_which_something_is_in_the_way_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "postgres.lock").mkdir()
    assert f"{tmp_path}/postgres.lock" in refusal(tmp_path, PORT=free_port())


# --- Whose site answers ---------------------------------------------------------------------------


@contextmanager
def site_that_says(status: int, body: bytes) -> Iterator[int]:
    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "body", "whose"),
    [
        (200, b'{"status": "ok", "run": "0123"}', "0123"),
        (200, b'{"status": "ok"}', "another site's"),
        (404, b"<h1>Not here</h1>", "another site's"),
        (200, b"[]", "another site's"),
    ],
)
def test_another_site_on_the_port_is_not_taken_for_ours(status, body, whose):
    with site_that_says(status, body) as port:
        assert run_that_answers("127.0.0.1", port) == whose
    assert run_that_answers("127.0.0.1", port) is None


# --- The end --------------------------------------------------------------------------------------

DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
LONG = "open({path!r}, 'w').close(); import time; time.sleep(1000)"


@pytest.fixture
def child(tmp_path) -> Iterator[Callable[..., children.Child]]:
    started = []

    def start(name: str, before: str = "") -> children.Child:
        path = tmp_path / name
        program = f"{before}\n{LONG.format(path=str(path))}"
        started.append(children.Child(name, "web", ["timeit", "-n", "1", "-r", "1", program]))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not path.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return started[-1]

    yield start
    for one in started:
        one.kill()


def test_what_ends_when_asked_is_not_said_to_have_been_stubborn(child, capfd):
    parts = [child("web"), child("beat")]
    children.stop(parts)
    assert [part.process.returncode for part in parts] == [-signal.SIGTERM] * 2
    assert "not everything" not in capfd.readouterr().out


def test_what_does_not_end_when_asked_is_killed_and_named(child, capfd, monkeypatch):
    monkeypatch.setattr(children, "STOP_SECONDS", children.PATIENCE_SECONDS + 1)
    parts = [child("worker", DEAF), child("web")]
    children.stop(parts)
    assert [part.process.returncode for part in parts] == [-signal.SIGKILL, -signal.SIGTERM]
    assert "not everything ended by itself: worker did not" in capfd.readouterr().out
