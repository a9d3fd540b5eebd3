"""Finding reviews, asking for one, holding one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Self
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import F, Prefetch, Q
from django.db.models.functions import Coalesce, TruncDate

from interviews.results.queries import for_results
from interviews.sitting.models import Interview, InterviewQuestion, Refused

# A review without a due date waits in the inbox as if it were due then.
USUAL_WAIT = timedelta(days=7)


class ReviewQuerySet(models.QuerySet):
    def for_coach(self, coach) -> Self:
        """Asked of this coach or of whoever is free first, of interviews that a live grant lets them read now."""
        asked = self.filter(Q(coach=coach) | Q(coach=None), withdrawn_at=None)
        return asked.filter(interview__in=Interview.objects.reviewable_by(coach)).exclude(skips__coach=coach)

    def declined_by(self, coach) -> Self:
        """Skipped by this coach, with a reason, of interviews that a live grant lets them read now."""
        skipped = Q(coach=coach, withdrawn_by=coach) | Q(skips__coach=coach)
        return self.filter(skipped, interview__in=Interview.objects.reviewable_by(coach))

    def of_candidate(self, candidate) -> Self:
        return self.filter(interview__candidate=candidate)

    def by_coach(self, coach) -> Self:
        return self.filter(coach=coach)

    def awaiting_review(self) -> Self:
        return self.filter(sent_at=None, withdrawn_at=None)

    def sent(self) -> Self:
        return self.filter(sent_at__isnull=False)

    def of_interview(self, public_id: UUID) -> Self:
        """The newest first."""
        return self.filter(interview__public_id=public_id).order_by("-pk")

    def longest_waiting_first(self) -> Self:
        """By due date, else as if due a week after it was asked: time alone brings every review to the top."""
        usual = TruncDate(F("asked_at") + USUAL_WAIT)
        return self.annotate(rank=Coalesce("due_on", usual)).order_by("rank", "asked_at")

    def with_people(self) -> Self:
        return self.select_related("coach", "held_by", "interview__candidate")

    def with_answers(self) -> Self:
        """With everything that the review says, and the questions that it is about, in a constant number of queries."""
        questions = for_results(InterviewQuestion.objects.order_by("position").drawn().shown())
        return self.prefetch_related(
            "answers",
            "appeals__coach",
            "appeals__point",
            "detail_requests",
            Prefetch("interview__questions", queryset=questions),
        )

    def with_progress(self) -> Self:
        """With what says how far it is, without the long texts."""
        texts = ("prompt", "prompt_html", "model_answer", "model_answer_html", "references")
        questions = InterviewQuestion.objects.drawn().shown().order_by("position").select_related("version")
        questions = questions.defer(*(f"version__{name}" for name in texts))
        return self.prefetch_related("answers", Prefetch("interview__questions", queryset=questions))

    def ask(self, interview: Interview, *, coach=None, due_on: date | None = None, now: datetime) -> models.Model:
        """`coach` None: whoever of the granted coaches is free first. Raises Refused while another one waits."""
        try:
            with transaction.atomic():
                review = self.create(interview=interview, coach=coach, due_on=due_on, asked_at=now)
        except IntegrityError as error:
            raise Refused("You've already asked for a review of this interview.") from error
        interview.record("review_asked", actor=interview.candidate, now=now, review=review.pk)
        return review

    def ask_if_none(self, interview: Interview, *, now: datetime) -> None:
        """Of whoever is free first, unless one was asked for meanwhile."""
        with transaction.atomic():
            Interview.objects.select_for_update(of=("self",), no_key=True).get(pk=interview.pk)
            if not self.filter(interview=interview).exists():
                self.ask(interview, now=now)

    @contextmanager
    def under_lock(self, public_id: UUID) -> Iterator[models.Model]:
        """The newest of these reviews of one interview, whose row stays locked until the block ends.

        Raises Review.DoesNotExist; somebody who may not see the review waits for no lock and holds none.
        """
        with transaction.atomic():
            if not self.of_interview(public_id).exists():
                raise self.model.DoesNotExist
            Interview.objects.select_for_update(of=("self",), no_key=True).get(public_id=public_id)
            review = self.of_interview(public_id).with_people().first()
            if review is None:  # the grant or the request ended in between
                raise self.model.DoesNotExist
            review.is_locked = True
            try:
                yield review
            finally:
                review.is_locked = False
