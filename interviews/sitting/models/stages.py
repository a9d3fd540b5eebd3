"""The time of each stage of a design: which one is at work is stored, and what those before it have taken."""

from datetime import datetime

from django.db import models
from django.db.models import Value

from interviews.sitting.clock_text import used_of


class InStages(models.Model):
    """The part of InterviewQuestion that is worked on stage by stage. All its time is that of some stage."""

    stage = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Of a design: the one at work, from 0.")
    stage_seconds = models.JSONField(
        default=list,
        blank=True,
        db_default=Value([], output_field=models.JSONField()),
        help_text="What each stage had taken when the one at work was begun.",
    )

    class Meta:
        abstract = True

    def seconds_so_far(self, now: datetime | None = None) -> float:
        """In all openings, without pauses. `now` while it is open; a strict one takes no more than its time."""
        end = self.closed_at or self.interview.paused_at or now
        if self.interview.is_strict and self.deadline_at:
            end = min(end, self.deadline_at)
        return self.earlier_seconds + (end - self.opened_at).total_seconds() - self.not_its_own

    def seconds_by_stage(self, now: datetime | None = None) -> list[float]:
        """Together they are `seconds_so_far`."""
        count = len(self.version.stages)
        seconds = [*self.stage_seconds, *[0.0] * count][:count]
        seconds[self.stage] += max(0.0, self.seconds_so_far(now) - sum(seconds))
        return seconds

    def begin_stage(self, stage: int, *, now: datetime) -> None:
        """Under the interview's lock. The one that was at work keeps the time until now; the same one again goes on."""
        if stage != self.stage:
            self.stage_seconds = self.seconds_by_stage(now)
            self.stage = stage
            self.interview.writes.change(self, ["stage", "stage_seconds"])

    @property
    def stage_times(self) -> list[tuple[str, str]]:
        """Of a closed design that was answered by stages: each one's name, and its time in words."""
        stages = self.version.stages
        if not stages or self.is_follow_up or not self.closed_at or self.is_own_structure or not self.stage_seconds:
            return []
        factor = None if self.interview.is_untimed else 60 * float(self.interview.time_multiplier)
        return [
            (stage["name"], used_of(seconds, factor and factor * stage["minutes"]))
            for stage, seconds in zip(stages, self.seconds_by_stage(), strict=True)
        ]
