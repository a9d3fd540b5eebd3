"""Live mocks side by side: what do the second seats cost who ask for news, and are words seen within 2 s?

    ./dev bench live                          200 rooms for 60 s
    ./dev bench live --rooms 50 --seconds 20

A database of its own, gunicorn as in production, one asyncio process that plays both browsers of each room: the coach
asks for news every 1.5 s, the candidate's page for its clock every 3, and every 5 it saves. Printed are
requests, times, CPU a request (gunicorn's and PostgreSQL's, by /proc), cores in use, and the time from a save to the
look that brought it. Exit status 1 when a request failed, or when a save was seen later than 2 s.
"""

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from random import uniform
from urllib.parse import urlencode

from benchmarks._site import CSRF_COOKIE, SESSION_COOKIE, TOKEN, free_port, own_database, prepare_site, say, serve
from benchmarks._site import session_of as session
from benchmarks.floor import backends, children, cpu_seconds

LOOK_SECONDS, CLOCK_SECONDS, SAVE_SECONDS = 1.5, 3, 5
SEEN_WITHIN_MS = 2000


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench live")
    parser.add_argument("--rooms", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with closing(own_database("holdout_live")), tempfile.TemporaryDirectory(prefix="holdout-live-") as folder:
        prepare_site(folder)
        rooms = make_rooms(options.rooms)
        port = free_port()
        web = serve(port, Path(folder, "gunicorn.log"))
        try:
            play = Play(port, options.seconds)
            asyncio.run(play.enter(rooms))
            before = cpu_seconds(children(web.pid)), cpu_seconds(backends())
            asyncio.run(play.run())
            after = cpu_seconds(children(web.pid)), cpu_seconds(backends())
        finally:
            web.terminate()
            web.wait()
    used = [now - then for then, now in zip(before, after, strict=True) if None not in (now, then)]
    sys.exit(play.report(options, sum(used)))


def make_rooms(count: int) -> list[tuple[str, str, str]]:
    """(session of the candidate, session of the coach, the interview) of each."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User
    from interviews.coaching.models import LiveMock
    from questions.models import Track, TrackSection

    now = timezone.now()
    track = Track.objects.create(slug="live", name="Live", limit_seconds=3600)
    TrackSection.objects.create(track=track, name="Open questions", count=4, formats=["free_text"])
    rooms = []
    for number in range(count):
        coach, candidate = (User.objects.create(email=f"{who}{number}@example.com") for who in ("coach", "candidate"))
        mock = LiveMock.objects.make(by=coach, candidate=candidate, interviewer=coach, track=track, now=now)
        mock.accept(candidate, now=now)
        interview = mock.start(time_multiplier=1, shares=False, now=now)
        rooms.append((session(candidate), session(coach), str(interview.public_id)))
    connection.close()
    return rooms


class Play:
    """Both browsers of every room; `ms` by kind of request, `seen` from the beginning of a save."""

    def __init__(self, port: int, seconds: float) -> None:
        self.port, self.seconds = port, seconds
        self.ms: dict[str, list[float]] = defaultdict(list)
        self.seen: list[float] = []
        self.failures: list[str] = []

    async def enter(self, rooms: list) -> None:
        """Everybody loads their page, one after the other: people do not come in the same second, and none of this is
        measured.
        """
        self.entered = []
        for candidate, coach, interview in rooms:
            page = await Browser(self, candidate).ask("page", f"/interviews/{interview}/")
            lease = re.search(r'name="lease" value="(\d+)"', page)[1]
            room = await Browser(self, coach).ask("room", f"/coaching/interviews/{interview}/room/")
            self.entered.append((candidate, coach, interview, lease, room))
        self.ms.clear()

    async def run(self) -> None:
        self.ends_at = time.perf_counter() + self.seconds
        await asyncio.gather(*(self.room(*room) for room in self.entered))

    async def room(self, candidate: str, coach: str, interview: str, lease: str, page: str) -> None:
        written: dict[str, float] = {}
        await asyncio.gather(
            self.writes(candidate, interview, lease, written),
            self.clock(candidate, interview),
            self.looks(coach, interview, page, written),
        )

    async def writes(self, session: str, interview: str, lease: str, written: dict) -> None:
        browser, rev = Browser(self, session), 0
        async for _ in self.every(SAVE_SECONDS):
            rev += 1
            text = f"words of revision {rev} of this answer"
            form = {"answer": text, "rev": rev, "base": rev - 1, "lease": lease, "position": 1}
            written[text] = time.perf_counter()
            await browser.ask("save", f"/interviews/{interview}/questions/1/save/", form)

    async def clock(self, session: str, interview: str) -> None:
        browser = Browser(self, session)
        async for _ in self.every(CLOCK_SECONDS):
            await browser.ask("clock", f"/interviews/{interview}/clock/")

    async def looks(self, session: str, interview: str, page: str, written: dict) -> None:
        browser, address = Browser(self, session), f"/coaching/interviews/{interview}/room/"
        async for _ in self.every(LOOK_SECONDS):
            seen, at = re.search(r'look/\?seen=([^&"]+)&amp;at=([^"]+)"', page).groups()
            news = await browser.ask("look", f"{address}look/?seen={seen}&at={at}")
            if news:
                page = news
                for text in [text for text in written if text in news]:
                    self.seen.append(1000 * (time.perf_counter() - written.pop(text)))

    async def every(self, seconds: float):
        """Until the end, from a moment of its own on, so that rooms do not march in step."""
        next_at = time.perf_counter() + uniform(0, seconds)  # noqa: S311
        while next_at < self.ends_at:
            await asyncio.sleep(max(0, next_at - time.perf_counter()))
            yield
            next_at = max(next_at + seconds, time.perf_counter())

    def report(self, options, cpu: float) -> int:
        say(f"{options.rooms} rooms, {options.seconds:.0f} s")
        for kind in ("look", "clock", "save"):
            say(f"{kind:6}{len(self.ms[kind]):8} requests{spread(self.ms[kind])}")
        count = sum(map(len, self.ms.values()))
        say(f"seen  {len(self.seen):8} saves   {spread(self.seen)}")
        say(f"CPU {1000 * cpu / count:.2f} ms a request, {cpu / options.seconds:.2f} cores")
        say(f"{len(self.failures)} requests failed")
        say("\n".join(sorted(set(self.failures))[:5]))
        return 1 if self.failures or max(self.seen) > SEEN_WITHIN_MS else 0


def spread(ms: list[float]) -> str:
    ordered = sorted(ms)
    return "".join(
        f"   {name} {ordered[min(int(len(ordered) * share), len(ordered) - 1)]:.0f} ms"
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("slowest", 1))
    )


class Browser:
    """One connection that is kept, as htmx's requests go."""

    def __init__(self, play: Play, session: str) -> None:
        self.play, self.session, self.streams = play, session, None

    async def ask(self, kind: str, path: str, form: dict | None = None) -> str:
        """The body; empty after 204, or when it failed, which is noted."""
        began = time.perf_counter()
        try:
            status, body = await asyncio.wait_for(self.exchange(kind, path, form), 30)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            self.streams, status, body = None, type(error).__name__, ""
        self.play.ms[kind].append(1000 * (time.perf_counter() - began))
        if status not in ("200", "204"):
            self.play.failures.append(f"{kind}: {status}")
            return ""
        return body

    async def exchange(self, kind: str, path: str, form: dict | None) -> tuple[str, str]:
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.play.port)
        reader, writer = self.streams
        writer.write(self.request(kind, path, form))
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"(?i)content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
        if re.search(r"(?i)connection: close", head):
            writer.close()
            self.streams = None
        return head.split(" ", 2)[1], body.decode()

    def request(self, kind: str, path: str, form: dict | None) -> bytes:
        body = urlencode(form) if form else ""
        head = [
            f"{'POST' if form else 'GET'} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.play.port}",
            f"Cookie: {SESSION_COOKIE}={self.session}; {CSRF_COOKIE}={TOKEN}",
        ]
        if kind not in ("page", "room"):
            head.append("HX-Request: true")
        if form:
            head += [f"X-CSRFToken: {TOKEN}", f"Content-Length: {len(body)}"]
            head.append("Content-Type: application/x-www-form-urlencoded")
        return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


if __name__ == "__main__":
    main()
