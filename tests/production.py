"""The site as docker-compose.yml runs it: the same commands and environment, on this machine and the test's servers.

Every service of the compose file that is ours starts twice, as `--scale` would; requests go to the two web services
in turn, as the proxy would send them.
"""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg

CHECKOUT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent
HOST = "mock.example.com"
START_SECONDS = 60


def compose_services(variables: dict[str, str]) -> dict[str, dict]:
    """docker-compose.yml as Compose itself reads it, without an engine."""
    process = subprocess.run(
        [PROGRAMS / "docker-compose", "--env-file", os.devnull, "--profile", "tools", "config", "--format", "json"],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        check=True,
    )
    return json.loads(process.stdout)["services"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def psycopg_url(url: str) -> str:
    """The database that is always there; django-environ spells a socket `postgres://USER@/FOLDER/NAME`."""
    head, _ = url.rsplit("/", 1)
    if match := re.fullmatch(r"postgres://(\w+)@/(/.+)", head):
        return f"postgresql://{match[1]}@/postgres?host={match[2]}"
    return f"{head}/postgres"


@contextmanager
def empty_database(server_url: str, name: str) -> Iterator[str]:
    with psycopg.connect(psycopg_url(server_url), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
        yield re.sub("[^/]+$", name, server_url)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Site:
    def __init__(self, folder: Path, **servers: str) -> None:
        """`servers`: DATABASE_URL and REDIS_URL, or BROKER_URL in its place."""
        self.folder = folder
        self.mails = folder / "mails"
        self.processes: list[subprocess.Popen] = []
        self.ports: list[int] = []
        self.metrics_token = "a-token-for-prometheus"
        self.services = compose_services(
            {
                "SITE_ADDRESS": HOST,
                "ALLOWED_HOSTS": HOST,
                "SECRET_KEY": "a-key-for-this-test-and-for-nothing-else-in-the-world",
                "POSTGRES_PASSWORD": "none",
                "EMAIL_URL": f"filemail:///{self.mails}",  # a path behind the slash that ends the host
                "METRICS_TOKEN": self.metrics_token,
                "WORKER_CONCURRENCY": "1",
            }
        )
        self.here = {
            **servers,
            "STATIC_ROOT": str(folder / "static"),  # the image holds it in /site
            "FILES_ROOT": str(folder / "files"),  # a volume
            "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
        }

    def start(self, service: str, **variables: str) -> subprocess.Popen:
        declared = self.services[service]
        given = {name: str(value) for name, value in declared["environment"].items()}
        command = [str(part).replace("/tmp/", f"{self.folder}/") for part in declared["command"]]
        if service == "worker":  # each container has a host name of its own, and RabbitMQ wants it so
            command += ["--hostname", f"celery@{len(self.processes)}"]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env=given | self.here | variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        self.processes.append(process)
        return process

    def prepare(self) -> None:
        collecting = [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0"]
        environment = {name: str(value) for name, value in self.services["web"]["environment"].items()} | self.here
        subprocess.run(collecting, cwd=CHECKOUT, env=environment, check=True)
        preparations = [self.start("prepare"), self.start("prepare")]
        assert [process.wait(2 * START_SECONDS) for process in preparations] == [0, 0], self.log()

    def start_web(self, **variables: str) -> subprocess.Popen:
        self.ports.append(free_port())
        return self.start("web", WEB_BIND=f"127.0.0.1:{self.ports[-1]}", **variables)

    def start_everything(self, *, with_beat: bool = True) -> None:
        self.prepare()
        for _ in range(2):
            self.start_web()
            self.start("worker")
        if with_beat:
            self.start("beat")
        self.wait_for_web()

    def wait_for_web(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not all(map(answers, self.ports)):
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.1)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def newest_mail(self) -> str:
        return max(self.mails.iterdir(), key=lambda path: path.stat().st_mtime_ns).read_text()


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@dataclass
class Page:
    status: int
    headers: http.client.HTTPMessage
    text: str

    def __getitem__(self, name: str) -> str | None:
        return self.headers[name]

    def value(self, name: str) -> str:
        """Of the first field of that name."""
        tag = next(tag for tag in re.findall(r"<input[^>]*>", self.text) if f'name="{name}"' in tag)
        return unescape(re.search(r'value="([^"]*)"', tag)[1])


@dataclass
class Visitor:
    """A browser's part of it: cookies, the token in forms, one web service after the other."""

    site: Site
    proto: str = "https"
    address: str = "203.0.113.7"
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ports = cycle(self.site.ports)

    def get(self, path: str, **headers: str) -> Page:
        return self.request("GET", path, headers)

    def post(self, path: str, **fields: str) -> Page:
        fields["csrfmiddlewaretoken"] = self.cookies["__Host-csrftoken"]
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"https://{HOST}{path}"}
        return self.request("POST", path, headers, urlencode(fields))

    def request(self, method: str, path: str, headers: dict[str, str], body: str | None = None) -> Page:
        sent = {
            "Host": HOST,
            "X-Forwarded-Proto": self.proto,
            "X-Forwarded-For": self.address,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        connection = http.client.HTTPConnection("127.0.0.1", next(self.ports), timeout=30)
        try:
            connection.request(method, path, body, sent | headers)
            response = connection.getresponse()
            page = Page(response.status, response.headers, response.read().decode(errors="replace"))
        finally:
            connection.close()
        for line in page.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return page

    def follow(self, page: Page) -> Page:
        assert page.status == 302, (page.status, page.text[:2000])
        return self.get(urlsplit(page["Location"]).path)


def sit(person: Visitor, interview: str, answer: str = "") -> Page:
    """Saves the answer to every question of the interview at this address, skips it, and gives the page of results."""
    page = person.get(interview)
    while page.status == 200 and "question-form" in page.text:
        position = page.value("position")
        fields = {"lease": page.value("lease"), "rev": page.value("rev"), "position": position}
        saved = person.post(f"{interview}questions/{position}/save/", answer=answer, **fields)
        assert saved.status in (302, 422), saved.status  # 422: no answer to choose
        fields["rev"] = str(int(fields["rev"]) + 1)
        assert person.post(f"{interview}questions/{position}/skip/", answer="", **fields).status == 302
        page = person.get(interview)
    return person.follow(page)
