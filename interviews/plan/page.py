"""A plan → what its page and its calendar say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from interviews.plan.home import block_title
from interviews.plan.reading import Planned
from interviews.plan.scheduling import Day
from interviews.sitting.clock_text import duration, plural

DAYS_SHOWN = 7


@dataclass(frozen=True, slots=True)
class PlanDay:
    date: date
    name: str
    minutes: int
    blocks: Sequence[tuple[str, str, str]]  # title, time, why


class PlanPage:
    def __init__(self, planned: Planned, *, has_report: bool):
        self._planned = planned
        self._has_report = has_report
        ahead = (
            planned.plan.days[1:] if any(day.blocks for day in planned.plan.days[1:]) else []
        )  # not “Free” six times
        self.days = [self._day(day) for day in ahead]
        self.next_days, self.later_days = self.days[: DAYS_SHOWN - 1], self.days[DAYS_SHOWN - 1 :]

    def _day(self, day: Day) -> PlanDay:
        track = str(self._planned.track)
        tomorrow = self._planned.today + timedelta(days=1)
        blocks = [
            (block_title(block, track), duration(60 * block.minutes) if block.minutes else "", block.why)
            for block in day.blocks
        ]
        name = "Tomorrow" if day.date == tomorrow else f"{day.date:%A}"
        return PlanDay(day.date, name, day.planned, blocks)

    @property
    def countdown(self) -> str:
        left = self._planned.preparation.days_left(self._planned.today)
        if left is None:
            return "No date yet, so here’s a weekly rhythm."
        if left < 0:
            return f"Your interview was on {self._planned.preparation.interview_on:%-d %b}."
        if left == 0:
            return "Your interview is today. There is nothing left to plan."
        return f"{plural(left, 'day')} to your interview on {self._planned.preparation.interview_on:%-d %b %Y}."

    @property
    def coverage(self) -> str:
        """What the plan holds of what would be needed."""
        plan = self._planned.plan
        if not self._has_report:
            return "Topics appear here after your first interview."
        needed = len(plan.covered) + len(plan.left_out)
        if not needed:
            return "No topic needs a drill. Keep what you know with reviews and a weekly mock interview."
        if not plan.missing_minutes:
            return (
                f"The plan covers all {needed} topics that need work."
                if needed > 1
                else "The plan covers what needs work."
            )
        rest = f"The rest would take about {duration(60 * plan.missing_minutes)} more."
        return f"The plan covers {len(plan.covered)} of {needed} topics that need work. {rest}"

    @property
    def notes(self) -> list[str]:
        """What doesn’t fit, besides topics."""
        plan, preparation = self._planned.plan, self._planned.preparation
        notes = []
        if not plan.mock_fits:
            minutes = plural(preparation.minutes_a_day, "minute")
            notes.append(f"A full mock interview takes longer than your {minutes} a day. Give one day more time.")
        if plan.fading:
            notes.append(f"There’s no room in this plan for {plural(plan.fading, 'question')} you’re about to forget.")
        return notes
