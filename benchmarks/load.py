"""Everybody at once: candidates who start together, save and submit, and log-ins beside them.

    ./dev bench load                              500 candidates for 5 minutes, 100 log-ins within 30 s
    ./dev bench load --log-ins 100 --within 10    a class room, from one address
    ./dev bench load --small                      50 candidates for 45 seconds, 10 log-ins: for CI machines
    ./dev bench load --candidates 200 --minutes 1

A database of its own on the server of DATABASE_URL, gunicorn as in production on a free port of the loopback,
and one asyncio process that plays the browsers. Exit status 1 when a bound is broken: an error, a save that was
acknowledged and is not there, p95 of saves, a single slow save while people log in, or somebody with the right
password who is not in, or whose page had to wait twice.
"""

import argparse
import asyncio
import os
import re
import secrets
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from random import uniform
from urllib.parse import quote, urlencode

from benchmarks._site import (
    CSRF_COOKIE,
    SESSION_COOKIE,
    TOKEN,
    free_port,
    own_database,
    prepare_site,
    say,
    serve,
    session_of,
)

START_WITHIN_SECONDS = 2
SAVE_EVERY_SECONDS = 10
SUBMIT_EVERY_SECONDS = 60
P95_OF_SAVES_MS = 150
SLOWEST_SAVE_BESIDE_LOGINS_MS = 500
MOST_WAITS_OF_A_LOGIN = 1

DATABASE = "holdout_load"
PASSWORD = secrets.token_urlsafe(12)
SENTENCE = "The bias falls and the variance grows with every tree that is grown deeper. "


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench load")
    parser.add_argument("--candidates", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--log-ins", dest="logins", type=int, default=100)
    parser.add_argument("--within", type=float, default=30, help="seconds in which all of them come")
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    if options.small:
        options.candidates, options.minutes, options.logins, options.within = 50, 0.75, 10, 30
    with closing(own_database(DATABASE)), tempfile.TemporaryDirectory(prefix="holdout-load-") as folder:
        prepare_site(folder)
        sessions = prepare(options.candidates, options.logins)
        port = free_port()
        web = serve(port, Path(folder, "gunicorn.log"))
        try:
            load = Load(port, seconds=options.minutes * 60)
            asyncio.run(load.run(sessions, options.logins, within=options.within))
        finally:
            web.terminate()
            web.wait()
        broken = report(load, options)
    sys.exit(1 if broken else 0)


def spread(low: float, high: float) -> float:
    return uniform(low, high)  # noqa: S311


# --- the site -------------------------------------------------------------------------------------


def prepare(candidates: int, logins: int) -> list[str]:
    """Makes everybody and what they sit; gives the session keys of those who are logged in already."""
    from allauth.account.models import EmailAddress
    from django.contrib.auth.hashers import make_password
    from django.db import connection

    from accounts.models import User
    from questions.models import Track, TrackSection

    track = Track.objects.create(slug="load", name="Load", limit_seconds=3600)
    TrackSection.objects.create(track=track, name="Open questions", count=8, formats=["free_text"])
    password = make_password(PASSWORD)  # once: hashing is what the log-ins are to cost
    people = User.objects.bulk_create(
        [User(email=f"candidate{number}@example.com") for number in range(candidates)]
        + [User(email=f"login{number}@example.com", password=password) for number in range(logins)]
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in people
    )
    sessions = [session_of(person) for person in people[:candidates]]
    connection.close()
    return sessions


# --- the browsers ---------------------------------------------------------------------------------


class Browser:
    """One keep-alive connection and its cookies."""

    def __init__(self, load: "Load", session: str = "") -> None:
        self.load = load
        self.cookies = {CSRF_COOKIE: TOKEN} | ({SESSION_COOKIE: session} if session else {})
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, kind: str, path: str, fields: dict | None = None, *, status: int | tuple[int, ...] = 200):
        """Gives (headers, body), or None after noting an error: any other status.

        A kept connection may have been closed meanwhile: then once more on a new one, as browsers do.
        """
        started = time.monotonic()
        try:
            try:
                code, headers, body = await asyncio.wait_for(self._exchange(path, fields, kind), 30)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.writer = None
                code, headers, body = await asyncio.wait_for(self._exchange(path, fields, kind), 30)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            self.writer = None
            code, headers, body = type(error).__name__, {}, ""
        self.load.took[kind].append((started, (time.monotonic() - started) * 1000))
        if code not in (status if isinstance(status, tuple) else (status,)):
            self.load.errors[f"{kind}: {code}"] += 1
            return None
        return headers, body

    async def _exchange(self, path: str, fields: dict | None, kind: str) -> tuple[int, dict, str]:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.load.port)
        body = urlencode(fields).encode() if fields else b""
        lines = [
            f"{'POST' if fields else 'GET'} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.load.port}",
            "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            f"X-CSRFToken: {self.cookies[CSRF_COOKIE]}",
            *(["HX-Request: true"] if kind in ("save", "submit") else []),
            *(["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"] if fields else []),
        ]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        first, *rest = head.strip().split("\r\n")
        headers = {}
        for line in rest:
            name, value = line.split(": ", 1)
            headers[name.lower()] = value
            if name.lower() == "set-cookie":
                cookie, content = value.split(";")[0].split("=", 1)
                self.cookies[cookie] = content
        text = (await self.reader.readexactly(int(headers["content-length"]))).decode()
        if headers.get("connection") == "close":
            self.writer.close()
            self.writer = None
        return int(first.split()[1]), headers, text


class Load:
    def __init__(self, port: int, *, seconds: float) -> None:
        self.port = port
        self.seconds = seconds
        self.took: dict[str, list[tuple[float, float]]] = defaultdict(list)  # kind → (when, milliseconds)
        self.errors: dict[str, int] = defaultdict(int)
        self.acknowledged: set[tuple[str, int, int]] = set()  # interview, position, rev
        self.starting = asyncio.Semaphore(0)  # released by each who has their first page
        self.logins_at = (0.0, 0.0)
        self.waits: list[int] = []  # of each who is in: how often their page had to wait

    async def run(self, sessions: list[str], logins: int, *, within: float) -> None:
        self.began_at = time.monotonic()
        self.ends_at = self.began_at + self.seconds
        everybody = [self.candidate(session) for session in sessions]
        await asyncio.gather(*everybody, self.log_everybody_in(logins, within=within, after=len(sessions)))

    async def candidate(self, session: str) -> None:
        await asyncio.sleep(spread(0, START_WITHIN_SECONDS))
        browser = Browser(self, session)
        choice = {"plan": "load", "pace": "strict", "time_multiplier": "1"}
        started = await browser.ask("start", "/interviews/new/", choice, status=302)
        page = started and await browser.ask("page", started[0]["location"])
        self.starting.release()
        if not page:
            return
        address, html = started[0]["location"], page[1]
        interview = address.strip("/").split("/")[-1]
        lease = hidden(html, "lease")
        position, rev, text = hidden(html, "position"), hidden(html, "rev"), ""
        submit_at = time.monotonic() + spread(0, SUBMIT_EVERY_SECONDS)
        await asyncio.sleep(spread(0, SAVE_EVERY_SECONDS))
        while time.monotonic() < self.ends_at:
            text += SENTENCE
            page = {"answer": text, "rev": rev, "lease": lease, "position": position}
            if time.monotonic() >= submit_at:
                submit_at += SUBMIT_EVERY_SECONDS
                reply = await browser.ask("submit", f"{address}questions/{position}/submit/", page)
            else:
                reply = await browser.ask("save", f"{address}questions/{position}/save/", page)
            if reply and "HX-Redirect" not in reply[0]:
                self.acknowledged.add((interview, position, rev))
                if 'name="rev"' in reply[1]:
                    position, rev, text = hidden(reply[1], "position"), hidden(reply[1], "rev"), ""
                elif 'data-outcome="saved"' in reply[1]:
                    rev += 1
                else:
                    self.errors["a save with another outcome"] += 1
            await asyncio.sleep(SAVE_EVERY_SECONDS * spread(0.9, 1.1))

    async def log_everybody_in(self, count: int, *, within: float, after: int) -> None:
        """From the moment when `after` people have their first page: starts have a row of their own in the table."""
        for _ in range(after):
            await self.starting.acquire()
        began = time.monotonic()
        within = min(within, max(self.ends_at - began - 5, 1))

        async def log_in(number: int) -> None:
            await asyncio.sleep(number * within / count)
            browser = Browser(self)
            credentials = {"login": f"login{number}@example.com", "password": PASSWORD}
            answer = await browser.ask("login page", "/accounts/login/")
            answer = answer and await browser.ask("log-in", "/accounts/login/", credentials, status=(202, 302))
            waits = 0
            while answer and "refresh" in answer[0]:  # as browsers do, whatever their scripts may
                waits += 1
                seconds, url = answer[0]["refresh"].split("; url=")
                await asyncio.sleep(int(seconds))
                answer = await browser.ask("log-in again", url, status=(202, 302))
            if answer and await browser.ask("dashboard", "/interviews/"):
                self.waits.append(waits)

        await asyncio.gather(*(log_in(number) for number in range(count)))
        self.logins_at = (began, time.monotonic())


def hidden(html: str, name: str) -> int:
    return int(re.search(rf'name="{quote(name)}" value="(\d+)"', html)[1])


# --- the figures ----------------------------------------------------------------------------------


def report(load: Load, options: argparse.Namespace) -> bool:
    """Says what came of it; True when a bound is broken."""
    say(f"{options.candidates} candidates, {options.minutes:g} min, {options.logins} log-ins, {os.cpu_count()} cores")
    say(f"{'':12}{'count':>8}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for kind, times in load.took.items():
        values = sorted(ms for _, ms in times)
        columns = (values[min(int(len(values) * share), len(values) - 1)] for share in (0.5, 0.95, 0.99, 1))
        say(f"{kind:12}{len(values):8}" + "".join(f"{ms:9.0f}" for ms in columns))
    requests = sum(map(len, load.took.values()))
    say(f"{requests} requests, {requests / load.seconds:.0f} a second")
    waited = sum(map(bool, load.waits))
    say(f"{len(load.waits)} of {options.logins} log-ins are in, {waited} of them after a page that waited")
    errors = sum(load.errors.values())
    lost = len(load.acknowledged - stored())
    saves = sorted(ms for _, ms in load.took["save"]) or [0]
    p95 = saves[int(len(saves) * 0.95)]
    begun, ended = load.logins_at
    beside = max((ms for at, ms in load.took["save"] if begun <= at <= ended), default=0)
    bounds = [
        ("errors", errors, 0, dict(load.errors) or ""),
        ("acknowledged saves lost", lost, 0, f"of {len(load.acknowledged)}"),
        ("p95 of saves, ms", p95, P95_OF_SAVES_MS, ""),
        ("slowest save beside the log-ins, ms", beside, SLOWEST_SAVE_BESIDE_LOGINS_MS, ""),
        ("right passwords that are not in", options.logins - len(load.waits), 0, ""),
        ("waits of one log-in", max(load.waits, default=0), MOST_WAITS_OF_A_LOGIN, ""),
    ]
    for name, value, limit, remark in bounds:
        say(f"{'BROKEN' if value > limit else 'ok':7} {name}: {value:.0f} (at most {limit}) {remark}".rstrip())
    return any(value > limit for _, value, limit, _ in bounds)


def stored() -> set[tuple[str, int, int]]:
    from interviews.sitting.models import AnswerRevision

    fields = ("question__interview__public_id", "question__position", "rev")
    rows = AnswerRevision.objects.values_list(*fields)
    return {(str(interview), position, rev) for interview, position, rev in rows}


if __name__ == "__main__":
    main()
