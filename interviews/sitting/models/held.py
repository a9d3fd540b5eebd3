"""An interview whose row this transaction holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from interviews.sitting.fast.rows import Writes
from interviews.sitting.models.question import InterviewQuestion, in_order
from interviews.sitting.models.record import InterviewEvent


class Held:
    """The part of Interview that is there while its row is held: its questions, and what is still to be written."""

    _sheet: list[InterviewQuestion] | None = None
    writes: Writes | None = None

    @property
    def sheet(self) -> list[InterviewQuestion]:
        """All its questions in order; under the lock the same objects for everybody."""
        return in_order(self.questions.all()) if self._sheet is None else self._sheet

    @contextmanager
    def holding_its_row(self, *, sheet: list[InterviewQuestion]) -> Iterator[None]:
        """Around everything that is done with the locked row; what it changes is written together at the end."""
        self._sheet, self.writes = in_order(sheet), Writes()
        for question in sheet:
            question.interview = self
        try:
            yield
            self.writes.send()
        finally:
            self._sheet = self.writes = None

    def record(self, kind: str, *, actor=None, now: datetime, question=None, **data) -> None:
        event = InterviewEvent(
            interview=self, kind=kind, actor=actor, at=now, position=question and question.position, data=data
        )
        if self.writes is None:
            event.save()
        else:
            self.writes.add(event)

    def _require_lock(self) -> None:
        if self.writes is None:
            raise RuntimeError("An interview changes its state only inside under_lock().")
