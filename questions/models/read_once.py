"""Versions that a process reads once: what was published never changes. Each is one object for every interview and
thread, to be looked at only.
"""

from collections.abc import Collection
from functools import lru_cache

from questions.models.question import QuestionVersion

MOST_WHOLE = 300  # some 35 kB each

_whole: dict[int, QuestionVersion] = {}


@lru_cache(maxsize=1000)
def asked_version(pk: int) -> QuestionVersion:
    """A version as it is asked, without its model answer."""
    return QuestionVersion.objects.for_asking().get(pk=pk)


def whole_versions(pks: Collection[int]) -> dict[int, QuestionVersion]:
    """Versions that were asked, with all that a result shows; those that are new here in one go."""
    found = {pk: _whole[pk] for pk in set(pks) if pk in _whole}
    if missing := set(pks) - found.keys():
        read = QuestionVersion.objects.with_content().in_bulk(missing)
        if len(_whole) + len(read) > MOST_WHOLE:
            _whole.clear()
        _whole.update(read)
        found |= read
    return found
