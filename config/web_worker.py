"""One web process: waitress inside a worker of gunicorn's, so that nobody's slow connection holds a thread.

gunicorn keeps the processes: it starts, reloads, replaces and ends them. Its own threaded worker also reads a
request's body and writes the answer in the thread that runs Django, and then a dozen slow phones stop the whole
site. waitress reads and writes for all connections in one loop, and a request takes a thread once it is whole.
"""

import logging
import os
import threading
import time
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector

from gunicorn.workers.base import Worker
from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer
from waitress.task import WSGITask

# A request may take 20 s, and longer while it comes at 2 kbit/s or more: half of what the slowest phone sends.
PATIENCE_SECONDS = 20
LEAST_BYTES_PER_SECOND = 250
UNREAD_SECONDS = 600  # after which an answer is given up that nobody takes
MAX_HEAD_BYTES = 32 * 1024
MAX_BODY_BYTES = 6 * 1024 * 1024  # for the largest upload, 5 MB; what is too large below, Django and the views say
MAX_HELD_BYTES = 32 * 1024 * 1024  # by all requests of this process that are not answered yet
LARGE_BYTES = 16 * 1024  # whatever is smaller cannot fill the memory: 1,000 connections, 16 MB
LINGER_SECONDS = 2  # of kept connections when the process ends: a request may be on its way
LOOK_SECONDS = 1


log = logging.getLogger(__name__)


def get_ready() -> None:
    """What the first hand-in of a process would wait for; it works without, too."""
    from django.db import connection

    from questions import listening

    try:
        listening.lexical_grader()
    except Exception:
        log.exception("The matcher could not be made ready.")
    finally:
        connection.close()


class Request(HTTPRequestParser):
    def __init__(self, adj) -> None:
        super().__init__(adj)
        self.began_at = time.time()

    @property
    def size(self) -> int:
        return self.header_bytes_received + self.body_bytes_received

    def is_too_slow(self, now: float) -> bool:
        return now - self.began_at > PATIENCE_SECONDS + self.size / LEAST_BYTES_PER_SECOND


class Response(WSGITask):
    def build_response_header(self) -> bytes:
        if self.channel.is_last or not self.channel.server.worker.alive:
            self.set_close_on_finish()
        return super().build_response_header()

    def finish(self) -> None:
        super().finish()
        self.close_on_finish |= self.channel.is_last


class Channel(HTTPChannel):
    """One connection. `request` is still coming in; `requests` are whole, and wait for a thread or have one."""

    parser_class = Request
    task_class = Response
    is_last = False  # the request that is being answered

    def add_channel(self, map=None) -> None:
        super().add_channel(map)
        self.server.worker.busy.add(self)

    def del_channel(self, map=None) -> None:
        self.server.worker.forget(self)
        super().del_channel(map)

    @property
    def is_idle(self) -> bool:
        return not (self.request or self.requests or self.writable())

    def is_overdue(self, now: float) -> bool:
        if self.requests:
            return False  # it is our turn
        if self.request:
            return self.request.is_too_slow(now)
        return now - self.last_activity > (UNREAD_SECONDS if self.total_outbufs_len else self.adj.channel_timeout)

    def received(self, data: bytes) -> bool:
        """No browser or proxy sends a request before the last is answered. Whoever does, to many answers that nobody
        reads, would hold the thread: the connection ends after the first.
        """
        result = super().received(data)
        with self.requests_lock:
            if self.requests and (self.request or len(self.requests) > 1):
                self.is_last = True
                self.request = None
                del self.requests[1:]
        return result

    def handle_read(self) -> None:
        super().handle_read()
        if self.request and self.request.size > LARGE_BYTES:
            self.server.worker.make_room()


class WebWorker(Worker):
    doors: list[BaseWSGIServer] = []

    def run(self) -> None:
        threading.Thread(target=get_ready, daemon=True).start()
        self.map: dict[int, wasyncore.dispatcher] = {}
        self.selector = DefaultSelector()
        self.looked_at = 0.0
        self.waitress = create_server(
            self.answer,
            map=self.map,
            sockets=[listener.sock for listener in self.sockets],
            threads=self.cfg.threads,
            connection_limit=self.cfg.worker_connections,
            channel_timeout=self.cfg.keepalive,
            cleanup_interval=10**9,  # `serve` does it, by rules of its own
            max_request_header_size=MAX_HEAD_BYTES,
            max_request_body_size=MAX_BODY_BYTES,
            inbuf_overflow=MAX_BODY_BYTES,  # nothing goes to a file: a container has none, and `make_room` bounds it
            recv_bytes=64 * 1024,
            ident=None,
            clear_untrusted_proxy_headers=False,  # Django knows whom to believe (TRUSTED_PROXY_COUNT)
            log_socket_errors=False,
        )
        self.doors = [part for part in self.map.values() if isinstance(part, BaseWSGIServer)]
        for door in self.doors:
            door.worker, door.channel_class = self, Channel
        self.busy = set(self.map.values())  # besides the doors, all channels that are not idle
        while self.alive and self.ppid == os.getppid():
            self.serve(LOOK_SECONDS)
        self.finish()

    def answer(self, environ, start_response):
        self.nr += 1
        if self.nr >= self.max_requests:
            self.alive = False  # gunicorn starts a fresh process
        return self.wsgi(environ, start_response)

    def serve(self, seconds: float) -> None:
        """Move everybody on once, after waiting for something to happen for at most so long.

        wasyncore.loop does the same but asks every channel what it waits for, every time. Most are idle.
        """
        for part in list(self.busy):
            if isinstance(part, Channel) and part.is_idle:  # no thread has it, so it only waits for its next request
                self.busy.discard(part)
            reads = EVENT_READ if part.readable() else 0
            writes = EVENT_WRITE if part.writable() and not part.accepting else 0
            self.watch(part, reads | writes)
        for key, events in self.selector.select(seconds):
            part = key.data
            self.busy.add(part)
            if events & EVENT_READ:
                wasyncore.read(part)
            if events & EVENT_WRITE and self.map.get(key.fd) is part:
                wasyncore.write(part)
        now = time.time()
        if abs(now - self.looked_at) >= LOOK_SECONDS:
            self.looked_at = now
            self.notify()
            for channel in self.channels():
                if channel.is_overdue(now):
                    channel.handle_close()

    def watch(self, part: wasyncore.dispatcher, events: int) -> None:
        key = self.selector.get_map().get(part._fileno)
        if key and not events:
            self.selector.unregister(part._fileno)
        elif key and key.events != events:
            self.selector.modify(part._fileno, events, part)
        elif events and not key:
            self.selector.register(part._fileno, events, part)

    def forget(self, part: wasyncore.dispatcher) -> None:
        self.busy.discard(part)
        if part._fileno in self.map:
            self.watch(part, 0)

    def channels(self) -> list[Channel]:
        return [part for part in self.map.values() if isinstance(part, Channel)]

    def make_room(self) -> None:
        """Give up the largest unfinished request when all together hold too much: an answer is seldom large."""
        held, unfinished = 0, []
        for channel in self.channels():
            if not channel.will_close:
                held += sum(request.size for request in (channel.request, *channel.requests) if request)
                unfinished += [channel] if channel.request else []
        if held > MAX_HELD_BYTES:
            max(unfinished, key=lambda channel: channel.request.size).will_close = True

    def handle_exit(self, sig, frame) -> None:
        super().handle_exit(sig, frame)
        for door in self.doors:
            door.pull_trigger()  # or `serve` would notice a second later

    def finish(self) -> None:
        """Let nobody new in, answer what was asked, and say in the answers that the connection ends."""
        for door in self.doors:
            self.forget(door)
            wasyncore.dispatcher.close(door)
        began = time.time()
        while (channels := self.channels()) and time.time() - began < self.cfg.graceful_timeout:
            if time.time() - began > LINGER_SECONDS:
                for channel in channels:
                    if channel.is_idle:
                        channel.handle_close()
            self.serve(0.1)
        self.waitress.task_dispatcher.shutdown()
