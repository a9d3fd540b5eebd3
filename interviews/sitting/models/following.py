"""Follow-ups: asked after an open answer, chosen by rule from its text, in a place that was kept when it started."""

import logging

from django.db import transaction

from interviews.sitting.models.question import InterviewQuestion
from interviews.sitting.models.speaking import spoken_limit
from questions import listening
from questions.matching.follow_up import Choice

log = logging.getLogger(__name__)

# Characters, read in about 40 ms: more takes longer than a hand-in may wait. What nobody read is no ground for a probe.
LONGEST_READ = 3_500


class Following:
    """The part of Interview that asks back. Every method runs under the interview's lock."""

    def has_place_after(self, question: InterviewQuestion) -> bool:
        """Whether a follow-up may still come after it, or after the question that it follows."""
        drawn = question.follows or question
        taken = sum(other.follows is drawn for other in self.sheet)
        return taken < drawn.follow_up_places and not question.is_reopened

    def follow_up_to(self, question: InterviewQuestion) -> InterviewQuestion | None:
        """What is asked after this closed question, still without its place; None: nothing more, or it was left out.

        An interviewer who cannot think of anything goes on: whatever fails here, the next question comes.
        """
        if not (self.has_place_after(question) and question.counts_as_answered):
            return None
        drawn = (question.follows or question).with_version()
        try:
            with transaction.atomic():  # what fails in the database fails in here
                choice = self._choose_follow_up(drawn)
            limit_seconds = choice and drawn.version.follow_ups[choice.index]["limit_seconds"]
        except Exception:
            log.exception("No follow-up could be chosen for %s.", drawn.version)
            return None
        return choice and InterviewQuestion(
            interview=self,
            position=max(other.position for other in self.sheet) + 1,
            question_id=drawn.question_id,
            version=drawn.version,
            follows=drawn,
            probe=choice.index,
            asked_because=choice.reason,
            is_spoken=self.speaks,
            limit_seconds=spoken_limit("free_text", limit_seconds) if self.speaks else limit_seconds,
        )

    def _choose_follow_up(self, drawn: InterviewQuestion) -> Choice | None:
        # What was only said is not known yet.
        is_readable = drawn.text.strip() and len(drawn.text) <= LONGEST_READ
        findings = listening.suggest(drawn.version_id, drawn.text) if is_readable else None
        spent = {other.probe for other in self.sheet if other.follows is drawn}
        met = InterviewQuestion.objects.probes_met(self.candidate_id, drawn.version_id)
        return listening.choose(drawn.version_id, findings, spent=spent, met=met - spent)

    def take_place(self, follow_up: InterviewQuestion) -> None:
        """It stands behind its question from now on."""
        self._require_lock()
        self.writes.add(follow_up)
        self.put_behind(follow_up)

    def put_behind(self, follow_up: InterviewQuestion) -> None:
        behind = max(place for place, other in enumerate(self.sheet) if follow_up.follows in (other, other.follows))
        self.sheet.insert(behind + 1, follow_up)
