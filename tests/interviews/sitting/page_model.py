"""What static/js/sitting/answer.js and copies.js do with an answer, in plain Python: the page's half of saving.

test_two_pages.py lets two of these loose on the real server. The scripts themselves are tried in
tests/browser/test_devices.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from interviews.sitting.models import checksum


@dataclass(frozen=True)
class Copy:
    """What a device keeps of one page's text."""

    position: int
    lease: int
    base: int | None
    rev: int
    text: str
    is_sent: bool = False
    is_discarded: bool = False
    is_replaced: bool = False

    @property
    def key(self) -> tuple[int, int]:
        return self.position, self.lease


@dataclass(frozen=True)
class Reply:
    status: int
    rev: int = 0
    checksum: str = ""
    is_late: bool = False


@dataclass
class Device:
    """Its storage outlives its page."""

    post: Callable[[Copy, str], Reply]
    is_online: bool = True
    storage: dict[tuple[int, int], Copy] = field(default_factory=dict)
    page: "Page | None" = None

    def copies(self) -> list[Copy]:
        """Those of the newest page first."""
        return sorted(self.storage.values(), key=lambda copy: -copy.lease)

    def settle(self) -> None:
        """Every other page's copy goes to the server."""
        for copy in self.copies():
            open_position = self.page.position if self.page else None
            if not self.is_online or (self.page and copy.key == self.page.key):
                continue
            is_open = copy.position == open_position
            if is_open and checksum([copy.text]) == self.page.checksum and not self.page.is_dirty:
                del self.storage[copy.key]
            elif not (is_open and copy.is_sent):
                if not copy.is_sent and self.post(copy, "save").status not in (200, 409):
                    continue
                if is_open and not copy.is_discarded:
                    self.storage[copy.key] = replace(copy, is_sent=True)
                else:
                    del self.storage[copy.key]

    def offers(self) -> list[Copy]:
        page = self.page
        if page is None:
            return []
        others = [copy for copy in self.copies() if copy.position == page.position and copy.key != page.key]
        return [copy for copy in others if not copy.is_discarded and copy.text.strip() and copy.text != page.text]

    def put_in(self, copy: Copy) -> None:
        """What stands in the field changes places with it."""
        page = self.page
        self.storage[copy.key] = replace(
            copy, base=None, rev=page.rev, text=page.text, is_sent=not page.is_dirty, is_replaced=True
        )
        page.text = copy.text
        page.changed()

    def discard(self, copy: Copy) -> None:
        if copy.is_sent:
            del self.storage[copy.key]
        else:
            self.storage[copy.key] = replace(copy, is_discarded=True)


class Page:
    def __init__(self, device: Device, *, position: int, lease: int, held: int, held_by: int, text: str):
        self.device, self.position, self.lease = device, position, lease
        self.held, self.held_by, self.text, self.checksum = held, held_by, text, checksum([text])
        self.rev = held
        self.is_elsewhere = False
        device.page = self
        self.restore()

    @property
    def key(self) -> tuple[int, int]:
        return self.position, self.lease

    @property
    def is_dirty(self) -> bool:
        return self.rev > self.held

    def changed(self) -> None:
        self.rev += 1
        self.device.storage[self.key] = self.copy()

    def copy(self) -> Copy:
        return Copy(self.position, self.lease, self.held, self.rev, self.text)

    def is_grown_by(self, copy: Copy) -> bool:
        return copy.base == self.held or (copy.lease == self.held_by and copy.rev > self.held)

    def restore(self) -> None:
        storage = self.device.storage
        for copy in self.device.copies():
            if copy.position == self.position and checksum([copy.text]) == self.checksum:
                del storage[copy.key]
        fitting = [
            copy
            for copy in self.device.copies()
            if copy.position == self.position
            and not copy.is_replaced
            and not copy.is_discarded
            and self.is_grown_by(copy)
        ]
        if fitting:
            self.text = fitting[0].text
            self.changed()
            del storage[fitting[0].key]

    def answered(self, sent: Copy, reply: Reply) -> None:
        """The reply to a save; `sent` is what it carried."""
        if reply.status == 409:
            self.is_elsewhere = True
            kept = self.device.storage.get(self.key)
            if kept and kept.rev == sent.rev:
                self.device.storage[self.key] = replace(kept, is_sent=True)
            return
        if reply.rev >= self.held:
            self.held, self.checksum = reply.rev, reply.checksum
        if reply.is_late:
            self.is_elsewhere = True  # read-only: the question is over
        if reply.rev > self.rev or (reply.rev == sent.rev and reply.checksum != checksum([sent.text])):
            return  # it says loudly that the server holds another text
        self.forget(sent)

    def forget(self, sent: Copy) -> None:
        kept = self.device.storage.get(self.key)
        if kept and kept.rev <= sent.rev:
            del self.device.storage[self.key]
