"""Where `./dev run` listens, and how a browser gets there."""

import errno
import os
import socket
import sys
import time
from contextlib import suppress

# What stands for every address of a machine → one that a browser on it can open.
EVERY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 # nosec B104
PREDECESSOR_SECONDS = 5
CHOOSE_ANOTHER = "Choose another: PORT=8001 ./dev run"


def listen(host: str, port: str) -> socket.socket:
    """A socket for the web processes to inherit. Ours from the first moment on, nobody can take the port meanwhile.

    Exits with one sentence where it cannot be had.
    """
    if not port.isdecimal() or int(port) > 65_535:
        sys.exit(f"./dev run: {port} is no port, which is a number up to 65535. {CHOOSE_ANOTHER}")
    deadline = time.monotonic() + PREDECESSOR_SECONDS
    while True:
        try:
            family, _, _, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
            both = host == "::" and socket.has_dualstack_ipv6()
            return socket.create_server(address[:2], family=family, backlog=1024, dualstack_ipv6=both)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                why = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno)
                sys.exit(f"./dev run: cannot listen on {host}, port {port}: {why}")
            if time.monotonic() > deadline:  # before, it may be a former run that is about to end
                sys.exit(f"./dev run: port {port} is taken. {CHOOSE_ANOTHER}")
        time.sleep(0.2)


def with_port(host: str, port: str | int) -> str:
    host = EVERY.get(host, host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def own_names(host: str) -> list[str]:
    """For ALLOWED_HOSTS: what a browser may call a machine that listens on this address."""
    names = ["localhost", "127.0.0.1", "::1", host]
    if host in EVERY:
        own = socket.gethostname()
        names += [own, f"{own}.local", *outward_addresses(host)]
        with suppress(OSError):
            names += [entry[4][0] for entry in socket.getaddrinfo(own, None)]
    return [f"[{name}]" if ":" in name else name for name in dict.fromkeys(names) if name not in EVERY]


def outward_addresses(host: str) -> list[str]:
    """By which others in the network reach what listens on every address; for one address none.

    Nothing is sent: the system only says which address it would send from.
    """
    found = []
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        if host == "::" or (host in EVERY and family == socket.AF_INET):
            with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((elsewhere, 9))
                found.append(probe.getsockname()[0])
    return found
