"""Slow senders and slow readers by the hundred, on the loopback, while others work: no thread waits for them.

One web process with its four threads. With gunicorn's own threaded worker four slow connections are enough.
"""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

import pytest

from config.web_worker import MAX_BODY_BYTES, MAX_HELD_BYTES
from tests.production import HOST, Site, Visitor, empty_database, free_port

MANY = 200
PHONES = 10
PHONE_BYTES_PER_SECOND = 500  # 4 kbit/s
PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    with empty_database(os.environ["DATABASE_URL"], "holdout_slow") as url:
        own = Site(tmp_path_factory.mktemp("site"), DATABASE_URL=url, REDIS_URL=os.environ["REDIS_URL"])
        try:
            own.prepare()
            own.start_web(WEB_CONCURRENCY="1")
            own.wait_for_web()
            yield own
        finally:
            own.stop()


@pytest.fixture
def port(site) -> int:
    return site.ports[0]


def head(method: str, path: str, length: int, *more: str) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {HOST}",
        "X-Forwarded-Proto: https",
        "X-Forwarded-For: 203.0.113.7",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {length}",
        *more,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)


def is_open(connection: socket.socket) -> bool:
    """And nothing has been said on it."""
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


def assert_that_others_are_served(site: Site) -> None:
    """Thirty requests one after the other; a visitor gives up after 30 s."""
    for _ in range(10):
        person = Visitor(site)
        assert person.get("/").status == 200
        assert person.get("/accounts/login/").status == 200
        assert person.post("/accounts/login/", login="nobody@example.com", password="").status == 200


# --- Slow senders ---------------------------------------------------------------------------------

BEGINNINGS = {
    "nothing": b"",
    "a beginning of a head": b"POST /accounts/login/ HTTP/1.1\r\nHo",
    "a head and one byte": head("POST", "/accounts/login/", 1000) + b"l",
    "all but one byte": head("POST", "/interviews/x/", 100_000) + b"l" * 99_999,
    "a chunk": head("POST", "/", 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked") + b"5\r\nhello\r\n",
}


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_two_hundred_slow_senders_stop_nobody(site, port, beginning):
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(port)) for _ in range(MANY)]
        for connection in slow:
            connection.sendall(beginning)
        assert_that_others_are_served(site)


def test_honest_phones_are_answered_and_who_only_keeps_a_connection_busy_is_let_go(site, port):
    visitor = Visitor(site)
    visitor.get("/accounts/login/")
    token = visitor.cookies["__Host-csrftoken"]
    fields = {"login": "nobody@example.com", "password": "", "next": "/" * 4_500, "csrfmiddlewaretoken": token}
    form = urlencode(fields).encode()
    assert len(form) > 25 * PHONE_BYTES_PER_SECOND  # longer than the others are suffered
    form_head = head(
        *("POST", "/accounts/login/", len(form)),
        f"Cookie: __Host-csrftoken={token}",
        f"Referer: https://{HOST}/accounts/login/",
        "Connection: close",
    )
    message = form_head + form

    async def phone() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with closing(writer):
            for start in range(0, len(message), PHONE_BYTES_PER_SECOND):
                writer.write(message[start : start + PHONE_BYTES_PER_SECOND])
                await writer.drain()
                await asyncio.sleep(1)
            return await reader.readline()

    async def drip() -> None:
        """A byte a second, until the site has enough."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with closing(writer), suppress(ConnectionError):
            writer.write(form_head)
            while not reader.at_eof():
                writer.write(b"l")
                with suppress(TimeoutError):
                    assert await asyncio.wait_for(reader.read(1), 1) == b""

    async def both() -> list[bytes]:
        drips = asyncio.gather(*(drip() for _ in range(MANY)))
        answers = await asyncio.gather(*(phone() for _ in range(PHONES)))
        await drips
        return answers

    with ThreadPoolExecutor(1) as thread:  # a browser test before this one may have left an event loop in the main one
        answers = thread.submit(asyncio.run, asyncio.wait_for(both(), PATIENCE_SECONDS)).result()
    assert answers == [b"HTTP/1.1 200 OK\r\n"] * PHONES


def test_unfinished_uploads_are_given_up_before_they_fill_the_memory_and_small_requests_stay(site, port):
    large = head("POST", "/accounts/login/", 3_000_000) + b"l" * 2_900_000
    with ExitStack() as stack:
        small = [stack.enter_context(connect(port)) for _ in range(20)]
        for connection in small:
            connection.sendall(head("POST", "/accounts/login/", 20_000) + b"l" * 19_999)
        uploads = [stack.enter_context(connect(port)) for _ in range(40)]
        for connection in uploads:
            with suppress(ConnectionError):
                connection.sendall(large)
        assert_that_others_are_served(site)
        assert sum(map(is_open, uploads)) * len(large) <= MAX_HELD_BYTES + len(large)
        assert all(map(is_open, small))


def test_a_body_that_is_too_large_for_the_site_is_refused_before_it_is_sent(port):
    with connect(port) as connection:
        connection.sendall(head("POST", "/accounts/login/", MAX_BODY_BYTES + 1))
        assert connection.makefile("rb").readline() == b"HTTP/1.1 413 Request Entity Too Large\r\n"


# --- Slow readers ---------------------------------------------------------------------------------


def test_two_hundred_slow_readers_stop_nobody(site, port):
    """Each asks ten times for a file that its connection has no room for."""
    static = Path(site.here["STATIC_ROOT"])
    largest = max(filter(Path.is_file, static.rglob("*")), key=lambda path: path.stat().st_size)
    request = head("GET", f"/static/{largest.relative_to(static)}", 0)
    with ExitStack() as stack:
        for _ in range(MANY):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", port))
            connection.sendall(request * 10)
        assert_that_others_are_served(site)


def test_of_several_requests_at_once_the_first_is_answered(port):
    """Else the thread waits until the answer before has been read."""
    with connect(port) as connection:
        connection.sendall(head("GET", "/healthz", 0) * 3 + b"GET /hea")
        answers = connection.makefile("rb").read()
    assert answers.count(b"HTTP/1.1 200 OK") in (1, 2)  # the first may be through before the second has been seen


# --- What a web process does besides --------------------------------------------------------------


@pytest.fixture
def another(site) -> Iterator[Callable[..., tuple[subprocess.Popen, int]]]:
    """Starts a web service that the test may end."""

    def start(**variables: str) -> tuple[subprocess.Popen, int]:
        process = site.start_web(WEB_CONCURRENCY="1", **variables)
        site.wait_for_web()
        return process, site.ports[-1]

    yield start
    del site.ports[1:]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def accepts(family: int, address) -> bool:
    with socket.socket(family) as connection:
        try:
            connection.connect(address)
        except OSError:
            return False
    return True


def read_answer(connection: socket.socket) -> bytes:
    """All of one chunked answer, in however many pieces it comes."""
    answer = b""
    while not answer.endswith(b"\r\n0\r\n\r\n"):
        piece = connection.recv(1000)
        assert piece, answer
        answer += piece
    return answer


def test_a_request_on_its_way_in_is_answered_although_the_process_has_to_end(another):
    web, port = another()
    with connect(port) as idle, connect(port) as asking:
        idle.sendall(head("GET", "/healthz", 0))
        assert read_answer(idle).startswith(b"HTTP/1.1 200 OK")
        asking.sendall(head("POST", "/nowhere/", 4, "Expect: 100-continue"))
        assert asking.recv(1000).startswith(b"HTTP/1.1 100 Continue")
        web.terminate()
        wait_until(lambda: not accepts(socket.AF_INET, ("127.0.0.1", port)))
        asking.sendall(b"late")
        answer = asking.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 404 Not Found")
        assert b"\r\nConnection: close\r\n" in answer
        assert idle.recv(1000) == b""
    assert web.wait(PATIENCE_SECONDS) == 0


def test_a_process_that_has_served_its_share_is_replaced_and_every_request_is_answered(site, another):
    master, port = another(GUNICORN_CMD_ARGS="--max-requests 20 --max-requests-jitter 0")
    visitor = Visitor(site)
    visitor.ports = cycle([port])
    children = Path(f"/proc/{master.pid}/task/{master.pid}/children")
    first = children.read_text()
    assert [visitor.get("/healthz").status for _ in range(60)] == [200] * 60
    assert children.read_text() != first


@pytest.mark.parametrize("family", [socket.AF_INET6, socket.AF_UNIX])
def test_a_web_process_listens_on_other_kinds_of_addresses(site, family):
    port, path = free_port(), site.folder / "web"
    bind, address = {
        socket.AF_INET6: (f"[::1]:{port}", ("::1", port)),
        socket.AF_UNIX: (f"unix:{path}", str(path)),
    }[family]
    site.start("web", WEB_CONCURRENCY="1", WEB_BIND=bind)
    wait_until(lambda: accepts(family, address))
    with socket.socket(family) as connection:
        connection.connect(address)
        connection.sendall(head("GET", "/accounts/login/", 0, "Connection: close"))
        assert connection.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"
