"""deploy/Caddyfile in Caddy itself, before a web process that the test plays: what reaches it, and what does not."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from email import message_from_bytes
from email.message import Message

import pytest

from tests.production import CHECKOUT, PROGRAMS, free_port

PATIENCE_SECONDS = 60
MANY = 200


@pytest.fixture
def web() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=2 * MANY) as server:
        server.settimeout(PATIENCE_SECONDS)
        yield server


@pytest.fixture
def proxy(web, tmp_path) -> Iterator[int]:
    """The port of the shipped proxy. Changed is only where the web processes are found: by a number, not by a name."""
    shipped = (CHECKOUT / "deploy/Caddyfile").read_text()
    changed, found = re.subn(r"dynamic a \{[^}]*\}", f"to 127.0.0.1:{web.getsockname()[1]}", shipped)
    assert found == 1
    (tmp_path / "Caddyfile").write_text(changed)
    port = free_port()
    outside = {"SITE_ADDRESS": f"http://:{port}", "CADDY_ADMIN": f"unix/{tmp_path}/admin"}
    with (tmp_path / "log").open("wb") as log:
        caddy = subprocess.Popen(
            [PROGRAMS / "caddy", "run", "--config", tmp_path / "Caddyfile"],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **outside},
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while caddy.poll() is None and not is_open(port):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert caddy.poll() is None, (tmp_path / "log").read_text()
        yield port
    finally:
        caddy.kill()
        caddy.wait()


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionError:
        return False
    return True


def head(method: str, path: str, length: int, *more: str) -> bytes:
    return "\r\n".join(
        [f"{method} {path} HTTP/1.1", "Host: mock.example.com", f"Content-Length: {length}", *more, "", ""]
    ).encode()


class Received:
    """The next request that reaches the web process, which answers it."""

    def __init__(self, web: socket.socket) -> None:
        connection, _ = web.accept()
        with connection, connection.makefile("rb") as stream:
            connection.settimeout(PATIENCE_SECONDS)
            self.line = stream.readline().decode().strip()
            lines = iter(stream.readline, b"\r\n")
            self.headers: Message = message_from_bytes(b"".join(lines))
            self.body = stream.read(int(self.headers["Content-Length"] or 0))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def ask(port: int, message: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
    connection.sendall(message)
    return connection


def test_a_body_waits_with_the_proxy_until_it_is_whole(web, proxy):
    with ExitStack() as stack:
        slow = [
            stack.enter_context(ask(proxy, head("POST", f"/{number}", 1000) + b"l" * 999)) for number in range(MANY)
        ]
        for number in range(10):
            with ask(proxy, head("GET", f"/quick-{number}", 0)) as quick:
                assert Received(web).line == f"GET /quick-{number} HTTP/1.1"
                assert quick.recv(1000).startswith(b"HTTP/1.1 200 OK")
        web.setblocking(False)
        with pytest.raises(BlockingIOError):
            web.accept()
        web.settimeout(PATIENCE_SECONDS)
        slow[7].sendall(b"l")
        arrived = Received(web)
        assert (arrived.line, len(arrived.body)) == ("POST /7 HTTP/1.1", 1000)


def test_the_web_process_hears_from_the_proxy_who_asks_and_not_from_whoever_asks(web, proxy):
    claims = ("X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https", "X-Request-Id: of-my-own-making")
    with ask(proxy, head("GET", "/", 0, *claims)):
        headers = Received(web).headers
    assert headers.get_all("X-Forwarded-For") == ["127.0.0.1"]
    assert headers.get_all("X-Forwarded-Proto") == ["http"]
    assert re.fullmatch("[0-9a-f-]{36}", headers["X-Request-Id"])
    assert headers["Host"] == "mock.example.com"


def test_the_largest_upload_gets_through(web, proxy):
    with ask(proxy, head("POST", "/upload", 5_000_000)) as connection:
        connection.sendall(b"l" * 5_000_000)
        assert len(Received(web).body) == 5_000_000


def test_metrics_are_closed(proxy):
    with ask(proxy, head("GET", "/metrics", 0)) as connection:
        assert b" 404 " in connection.makefile("rb").readline()
