"""A mix of one's own: of these topics, levels and formats as many questions as fit some minutes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db.models import Q

from questions.models import on_topics

DEFAULT_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Mix:
    """Where nothing is named, everything is meant."""

    topics: Sequence[str] = ()  # slugs
    levels: Sequence[str] = ()
    formats: Sequence[str] = ()
    minutes: int = DEFAULT_MINUTES

    @property
    def name(self) -> str:
        return "Custom mix"

    def as_json(self) -> dict:
        return asdict(self)

    @property
    def fitting(self) -> Q:
        """The versions that it may draw."""
        fitting = Q(pk__isnull=False)
        if self.topics:
            fitting &= on_topics(list(self.topics))
        if self.levels:
            fitting &= Q(level__in=self.levels)
        if self.formats:
            fitting &= Q(format__in=self.formats)
        return fitting
