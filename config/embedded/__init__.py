"""PostgreSQL and Valkey for development and tests, with nothing to install and no Docker.

`servers()` starts whichever of the two the environment does not name, and names it there. Both listen
on Unix sockets only. A server belongs to a folder, and whoever takes the folder's lock starts it; every
other process shares it. The server inherits the lock, so a free lock proves that nothing of a former
server can still write to the folder. Servers end with the process that started them, even on kill -9.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.embedded.postgres import Postgres
from config.embedded.server import Server, ServerError
from config.embedded.valkey import Valkey


def data_folder() -> Path:
    checkout = Path(__file__).resolve().parent.parent.parent
    return Path(os.environ.get("HOLDOUT_DATA") or checkout / ".data").resolve()


def make_data_folder() -> Path:
    folder = data_folder()
    with said_plainly(folder):
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    return folder


@contextmanager
def said_plainly(folder: Path) -> Iterator[None]:
    """What the system refuses in this folder, in one sentence."""
    try:
        yield
    except OSError as error:
        why = "it is a file" if folder.is_file() else f"{error.filename or folder}: {error.strerror}"
        raise ServerError(f"The data folder {folder} cannot be used ({why}). HOLDOUT_DATA names another.") from None


@contextmanager
def servers(*, scratch: bool = False) -> Iterator[list[Server]]:
    """Start or share the servers that the environment does not name; stop on exit what was started here.

    `scratch`: own servers in a temporary folder, fast and forgetful, for tests.
    """
    missing = [kind for kind in (Postgres, Valkey) if not kind.is_named()]
    with ExitStack() as stack:
        data = data_folder()
        if scratch and missing:
            data = Path(tempfile.mkdtemp(prefix="holdout-test-"))
            stack.callback(remove_scratch, data)
        embedded = [kind(data, scratch=scratch) for kind in missing]
        if embedded:
            if not scratch:
                make_data_folder()
            os.environ.setdefault("DEBUG", "true")
        with said_plainly(data):
            for server in embedded:  # all locks before the first start, so that one process runs both
                stack.callback(server.stop)
                server.claim_or_share()
            for server in embedded:
                server.make_sure()
                os.environ[server.variable] = server.url()
        yield embedded


def remove_scratch(data: Path) -> None:
    shutil.rmtree((data / Postgres.name).resolve(), ignore_errors=True)  # perhaps a link to /var/tmp
    shutil.rmtree(data, ignore_errors=True)
