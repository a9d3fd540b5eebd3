"""The follow-ups of a question as the catalog writes them: their shape, and what is wrong with them."""

from collections.abc import Iterator, Sequence

from questions.formats.base import Fault
from questions.matching.follow_up import After, FollowUp

SHAPE = [
    {
        "ask": str,
        "after": str,
        "point?": int,  # of the rubric, from 1; of the misconceptions where it comes after one
        "limit_seconds": int,
        "hint?": str,
        "rubric": [{"point": str, "weight?": int}],
        "model_answer": str,
    }
]
FEWEST, MOST = 2, 4
# So many are asked after an open question; after a design round, which has the time to go deeper.
MOST_ASKED, MOST_IN_DESIGN = 1, 3
LIMITS = (30, 300)  # seconds
FEWEST_POINTS, MOST_POINTS = 1, 3


def longest_limits(asked: dict) -> list[int]:
    """In seconds, of as many as may follow a question: whichever are asked, they take no longer together. `asked` has
    its `format` and its `follow_ups`.
    """
    most = MOST_IN_DESIGN if asked["format"] == "staged" else MOST_ASKED
    return sorted((one["limit_seconds"] for one in asked.get("follow_ups", [])), reverse=True)[:most]


def faults(entry: dict, *, is_closed: bool) -> Iterator[Fault]:
    """Of a catalog entry whose shape is right."""
    follow_ups = entry.get("follow_ups", [])
    if follow_ups and is_closed:
        yield "follow_ups", f"{entry['format']} is scored by the machine: no follow-ups"
    elif follow_ups and not FEWEST <= len(follow_ups) <= MOST:
        yield "follow_ups", f"{len(follow_ups)} of them; a question has {FEWEST} to {MOST}"
    for place, follow_up in enumerate(follow_ups, start=1):
        for name, why in _own_faults(follow_up, entry):
            yield f"follow_ups[{place}].{name}", why


def _own_faults(follow_up: dict, entry: dict) -> Iterator[Fault]:
    after, point = follow_up["after"], follow_up.get("point")
    if after not in set(After):
        yield "after", f"“{after}” is none of {', '.join(After)}"
    elif after == After.ALWAYS:
        if point is not None:
            yield "point", "what may always be asked is about no point"
    else:
        what = "misconceptions" if after == After.MISCONCEPTION else "rubric"
        if not 1 <= (point or 0) <= len(entry.get(what, [])):
            yield "point", f"names none of the {len(entry.get(what, []))} in {what}"
    if not LIMITS[0] <= follow_up["limit_seconds"] <= LIMITS[1]:
        yield "limit_seconds", f"{follow_up['limit_seconds']} s; a follow-up has {LIMITS[0]} to {LIMITS[1]} s"
    if not FEWEST_POINTS <= len(follow_up["rubric"]) <= MOST_POINTS:
        yield "rubric", f"has {len(follow_up['rubric'])}; a follow-up has {FEWEST_POINTS} to {MOST_POINTS} points"
    if not all(1 <= point.get("weight", 1) <= 3 for point in follow_up["rubric"]):
        yield "rubric", "weights are 1 to 3"


def for_choice(follow_ups: Sequence[dict]) -> list[FollowUp]:
    """What `choose_follow_up` needs of them."""
    return [
        FollowUp(After(follow_up["after"]), follow_up["point"] - 1 if "point" in follow_up else None)
        for follow_up in follow_ups
    ]
