"""Follow-ups: asked after an open answer, chosen by rule from its text, in a place that was kept when it started."""

import logging
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import F

from interviews.sitting.models.answering import Outcome
from interviews.sitting.models.question import InterviewQuestion
from interviews.sitting.models.speaking import spoken_limit
from questions import listening
from questions.matching.follow_up import Choice

log = logging.getLogger(__name__)

# Characters, read in about 40 ms: more takes longer than a hand-in may wait. What nobody read is no ground for a probe.
LONGEST_READ = 3_500


class Following:
    """The part of Interview that asks back. Every method runs under the interview's lock.

    What was only said has to be transcribed first: its follow-up comes a question later, as interviewers go back to
    something, or at the end; without a transcript by then it is the one that may always be asked.
    """

    def has_place_after(self, question: InterviewQuestion) -> bool:
        """Whether a follow-up may still come after it, or after the question that it follows."""
        drawn = question.follows or question
        return len(self._asked_back(drawn)) < drawn.follow_up_places and not question.is_reopened

    def may_ask_back(self, question: InterviewQuestion) -> bool:
        """Whether anything may be, once this open question is closed."""
        return self.has_place_after(question) or any(map(self._waits, self._shown_drawn()))

    def goes_back(self, follow_up: InterviewQuestion) -> bool:
        """Whether something else was asked between the open follow-up and what it follows."""
        return follow_up.number != self._shown_drawn()[-1].position

    def follow_up_to(self, question: InterviewQuestion) -> InterviewQuestion | None:
        """What is asked after this closed question, still without its place; None: nothing more, or it was left out.

        An interviewer who cannot think of anything goes on: whatever fails here, the next question comes.
        """
        return self._first_follow_up(self._due_after(question))

    def _first_follow_up(self, due: list[InterviewQuestion]) -> InterviewQuestion | None:
        if not due:
            return None
        try:
            with transaction.atomic():  # what fails in the database fails in here
                made = (self._choose_follow_up(drawn.with_version()) for drawn in due)
                return next(filter(None, made), None)
        except Exception:
            log.exception("No follow-up could be chosen in interview %s.", self.pk)
            return None

    def _due_after(self, question: InterviewQuestion) -> list[InterviewQuestion]:
        """The drawn questions that may be asked back about now: the one just left, or that it followed; then what was
        said before it; at the end of all also what was said last.
        """
        drawn = question.follows or question
        due = []
        if self.has_place_after(question) and question.counts_as_answered and not self._waits(drawn):
            due.append(drawn)
        if question.is_reopened:
            return due
        shown = self._shown_drawn()
        is_at_the_end = len(shown) == sum(not one.is_follow_up for one in self.sheet)
        return due + [one for one in (shown[-2:] if is_at_the_end else shown[-2:-1]) if self._waits(one)]

    def _waits(self, drawn: InterviewQuestion) -> bool:
        """Whether it was said, and nothing was asked back about it yet."""
        is_said = drawn.is_closed and drawn.has_recording and drawn.counts_as_answered
        return is_said and not self._asked_back(drawn) and self.has_place_after(drawn)

    def _asked_back(self, drawn: InterviewQuestion) -> list[InterviewQuestion]:
        return [other for other in self.sheet if other.follows_id == drawn.pk]

    def _shown_drawn(self) -> list[InterviewQuestion]:
        return [one for one in self.sheet if not one.is_follow_up and not one.is_pending]

    def _choose_follow_up(self, drawn: InterviewQuestion) -> InterviewQuestion | None:
        text, met = self._said_and_met(drawn)
        is_readable = text.strip() and len(text) <= LONGEST_READ
        findings = listening.suggest(drawn.version_id, text) if is_readable else None
        spent = {other.probe for other in self._asked_back(drawn)}
        choice = listening.choose(drawn.version_id, findings, spent=spent, met=met - spent)
        return choice and self._new_follow_up(drawn, choice)

    def _said_and_met(self, drawn: InterviewQuestion) -> tuple[str, set[int]]:
        """What it was answered, as far as that is known, and its probes that the candidate was asked before. In one
        statement, with what the page needs to play the answer.
        """
        met = InterviewQuestion.objects.probes_met(self.candidate_id, drawn.version_id)
        if not drawn.has_recording:
            return drawn.text, set(met)
        heard = drawn.recordings.finished().annotate(heard=F("transcript__text"), met=ArraySubquery(met))
        drawn.finished_recordings = list(heard)
        said = [one.heard or "" for one in drawn.finished_recordings if one.is_answer]
        return "\n\n".join(filter(str.strip, [drawn.text, *said])), set(drawn.finished_recordings[0].met)

    def _new_follow_up(self, drawn: InterviewQuestion, choice: Choice) -> InterviewQuestion:
        limit_seconds = drawn.version.follow_ups[choice.index]["limit_seconds"]
        return InterviewQuestion(
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

    def may_offer_after(self, question: InterviewQuestion) -> bool:
        """Whether a drill has a follow-up to offer after this closed question, or to show with what is right."""
        is_wanted = self.is_drill and self.asks_back and question.counts_as_answered
        return is_wanted and bool(question.with_version().version.follow_ups)

    def follow_up_to_offer(self, question: InterviewQuestion) -> InterviewQuestion | None:
        """After what was right has been shown, a drill offers one to whoever wants it; it is given time of its own."""
        is_shown = question.is_closed and question.is_revealed
        is_current = self.is_in_progress and question.position == self.current_question().position
        if not (self.gives_feedback and is_shown and is_current and self.may_offer_after(question)):
            return None
        return None if question.is_follow_up or self._asked_back(question) else self._first_follow_up([question])

    def ask_one_more(self, position: int, *, lease: int, now: datetime) -> Outcome:
        """Opens the follow-up that was offered. A repeat changes nothing."""
        question = self.shown_question(position)
        if lease != self.lease:
            return Outcome.ELSEWHERE
        follow_up = self.follow_up_to_offer(question)
        if follow_up is None:
            return Outcome.HELD
        self.resume(now=now)
        self.limit_seconds += follow_up.limit_seconds  # a drill's time is the sum of its questions'
        self.deadline_at = self.deadline_from_terms()
        self.writes.change(self, ["limit_seconds", "deadline_at"])
        self._open(follow_up, now=now)
        return Outcome.MOVED

    def take_place(self, follow_up: InterviewQuestion) -> None:
        """It stands behind its question from now on."""
        self._require_lock()
        self.writes.add(follow_up)
        self.put_behind(follow_up)

    def put_behind(self, follow_up: InterviewQuestion) -> None:
        behind = max(place for place, other in enumerate(self.sheet) if follow_up.follows in (other, other.follows))
        self.sheet.insert(behind + 1, follow_up)
