"""A language model's service in the test: a real HTTP server that plays what it is told to."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class Service:
    url: str
    asked: list[dict] = field(default_factory=list)  # bodies
    keys: list[str] = field(default_factory=list)


def completion(content, **more) -> bytes:
    """As OpenAI's interface puts it; `content` that is no text becomes JSON."""
    text = content if isinstance(content, str) else json.dumps(content)
    usage = {"prompt_tokens": 400, "completion_tokens": 20}
    choices = [{"message": {"role": "assistant", "content": text}}]
    return json.dumps({"choices": choices, "usage": usage} | more).encode()


@contextmanager
def serving(replies: Sequence[tuple[int, bytes] | str]) -> Iterator[Service]:
    """Each request gets the next of the replies, the last one again and again. "silence" and "drops" never end."""
    left, over = list(replies), Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.asked.append(json.loads(body))
            service.keys.append(self.headers.get("Authorization", ""))
            reply = left.pop(0) if len(left) > 1 else left[0]
            if reply == "silence":
                over.wait(30)
            elif reply == "drops":
                self.start(200, 10_000)
                with suppress(OSError):
                    while not over.wait(0.05):
                        self.wfile.write(b" ")
                        self.wfile.flush()
            else:
                status, content = reply
                self.start(status, len(content))
                with suppress(OSError):
                    self.wfile.write(content)

        def start(self, status: int, length: int) -> None:
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(length))
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = Service(f"http://127.0.0.1:{server.server_port}/v1/chat/completions")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()
