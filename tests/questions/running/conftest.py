import pytest

from questions.running import sandbox


@pytest.fixture(autouse=True)
def short_patience(monkeypatch) -> None:
    """What never ends would burn seconds of CPU a test. How long it may is no part of what these tests show."""
    monkeypatch.setattr(sandbox, "OUTSIDE_SECONDS", 0.5)
    monkeypatch.setattr(sandbox, "SQL_SECONDS", 1)
