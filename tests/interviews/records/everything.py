"""Somebody with at least one row of every kind that a person can have, and the ways that lead from rows to people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import CASCADE, ForeignKey, Model, QuerySet

from accounts.models import COACHES, CURATORS, AccessLog, CoachGrant, User
from accounts.rights import acting
from interviews.coaching.models import (
    AnswerReview,
    Appeal,
    Assignment,
    DetailRequest,
    KeptDraft,
    LiveMock,
    Review,
    SkippedReview,
    Snippet,
)
from interviews.interviewer import finding
from interviews.interviewer.models import ModelCall, ModelConsent, PointExample, SecondTry
from interviews.notices.models import MutedNotice, Notice
from interviews.plan.library.models import Bookmark, QuestionNote
from interviews.plan.models import Debrief, Preparation
from interviews.records import exporting
from interviews.records.models import DataExport
from interviews.report import compiling
from interviews.report.models import ReportShare, WeaknessReport
from interviews.sitting.models import EvidenceChange, Grade, Interview, InterviewQuestion, Studied, TimeAdjustment
from interviews.speech.heard import Heard, Word
from interviews.speech.models import Transcript
from questions.exchange import uploads
from questions.models import QuestionFlag, QuestionUpload, Track, VersionEvent
from tests.factories import NOON, make_finished_interview, make_interview, make_recording, make_version, question_of
from tests.interviews.factories import assign_to, make_answered_interview, make_cohort, make_grant


@dataclass
class Way:
    """From the rows of a model to a person. `is_owned`: they are deleted with the person; others only lose them."""

    model: type[Model]
    lookups: list[str]
    is_owned: bool

    def rows_of(self, person: User) -> list[QuerySet]:
        return [self.model._base_manager.filter(**{lookup: person.pk}) for lookup in self.lookups]


def foreign_keys_to(target: type[Model]) -> Iterator[tuple[type[Model], ForeignKey]]:
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model is target:
                yield model, field


def ways_to_people() -> dict[str, Way]:
    """ "app.Model.field" for each foreign key to a user, "app.Model" for what belongs to rows that a user owns."""
    ways = {}
    owned: dict[type[Model], str] = {}
    for model, field in foreign_keys_to(User):
        is_owned = field.remote_field.on_delete is CASCADE
        ways[f"{model._meta.label}.{field.name}"] = Way(model, [field.name], is_owned)
        if is_owned:
            owned[model] = field.name
    waiting = list(owned)
    while waiting:
        parent = waiting.pop()
        for model, field in foreign_keys_to(parent):
            lookup = f"{field.name}__{owned[parent]}"
            if field.remote_field.on_delete is not CASCADE:
                continue
            if model not in owned:
                owned[model] = lookup
                waiting.append(model)
                ways[model._meta.label] = Way(model, [], is_owned=True)
            if model._meta.label in ways:
                ways[model._meta.label].lookups.append(lookup)
    return ways


def make_everything_of(person: User, *, other: User) -> None:
    """As a candidate whom `other` coaches, as the coach of `other`, as a curator and as an administrator."""
    for group in (COACHES, CURATORS):
        person.groups.add(Group.objects.get_or_create(name=group)[0])
    person.user_permissions.add(Permission.objects.first())
    for address in (person.email, f"second-{person.email}"):
        email = EmailAddress.objects.create(user=person, email=address, primary=address == person.email)
    EmailConfirmation.objects.create(email_address=email, created=NOON, key="a-key")
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "a-secret-of-an-app"})
    UserSession.objects.create(user=person, ip="192.0.2.1", user_agent="A browser", session_key="a-session")
    make_as_candidate(person, coach=other)
    make_as_coach(person, candidate=other)
    make_as_curator(person, reporter=other)
    make_as_administrator(person)


def make_as_candidate(person: User, *, coach: User) -> None:
    make_grant(person, coach)
    make_finished_interview(candidate=person, now=NOON - timedelta(days=1))
    interview = make_answered_interview(candidate=person)
    question = question_of(interview, 1)
    question.reveal(now=NOON)
    finding.find_in(interview.pk, now=NOON)
    ModelConsent.objects.give(person, now=NOON)
    ModelCall.objects.create(question=question, opening=1, service="llm.example.com", model="m", prompt=[], at=NOON)
    keep_example(question, decided_by=coach)
    SecondTry.objects.begin(question, question.version.rubric_points.first(), now=NOON)
    make_review(interview, coach=coach, words="Said to the person.")
    AccessLog.objects.create(
        actor=coach, candidate=person, interview_public_id=interview.public_id, subject="An answer", at=NOON
    )
    recording = make_recording(interview=interview)
    recording.store(asked_at=NOON)
    heard = Heard([Word("Words.", 0.1, 0.5, 0.9)], seconds=1.0, pauses=[])
    Transcript.objects.keep(recording, heard, engine="tiny.en", version="1", now=NOON)
    recording.transcript.correct("Said words.", now=NOON)
    TimeAdjustment.objects.create(interview=interview, seconds=60, reason="A break", by=person, at=NOON)
    EvidenceChange.note(person.pk, now=NOON)
    compiling.compile_requested(person.pk, now=NOON + timedelta(hours=1))
    ReportShare.objects.share(WeaknessReport.objects.get(candidate=person), days=7, shows_name=True, now=NOON)
    QuestionFlag.objects.report(question.version, by=person, reason="wrong", comment="It is wrong.", now=NOON)
    Notice.objects.create(
        recipient=person, kind="review_sent", key="1", path="/", actor=coach, interview=interview, on_site=True,
        made_at=NOON,
    )  # fmt: skip
    assign(person, coach=coach)
    LiveMock.objects.make(by=coach, candidate=person, interviewer=coach, track=Track.objects.first(), now=NOON)
    cohort = make_cohort(owner=coach)
    cohort.join(person, shares="cohort", now=NOON)
    cohort.members.create(email=f"second-{person.email}", added_at=NOON)
    cohort.seats.create(email=f"second-{person.email}", invited_at=NOON)
    MutedNotice.objects.create(person=person, kind="assigned", channel="mail")
    Preparation.objects.create(candidate=person, interview_on=NOON.date()).make_feed(now=NOON)
    Debrief.objects.create(candidate=person, held_on=NOON.date(), asked="They asked for a loss.", written_at=NOON)
    Studied.objects.record(person, [question.question_id], now=NOON)
    Bookmark.objects.create(candidate=person, question=question.question, made_at=NOON)
    QuestionNote.objects.write(person, question.question, "Mind the base rate.", base=0, now=NOON)
    make_export(person)
    make_recording(interview=interview, kind="late")  # in parts: no file yet


def make_as_coach(person: User, *, candidate: User) -> None:
    """What stays when the person goes: the words of the review, the grade, the reason."""
    make_grant(candidate, person)
    CoachGrant.objects.invite(candidate, scope="all", email=person.email, now=NOON)
    CoachGrant.objects.invite(candidate, scope="all", email=f"second-{person.email}", now=NOON)
    interview = make_answered_interview(candidate=candidate)
    keep_example(question_of(interview, 1), decided_by=person)
    review = make_review(interview, coach=person, words="Said to the other.")
    Review.objects.filter(pk=review.pk).update(held_by=person, withdrawn_by=person)
    KeptDraft.objects.create(review=review, coach=person, part="1", page="p", content={"quotes": {}}, at=NOON)
    AccessLog.objects.create(
        actor=person, candidate=candidate, interview_public_id=interview.public_id, subject="An answer", at=NOON
    )
    assign(candidate, coach=person)
    LiveMock.objects.make(by=person, candidate=candidate, interviewer=person, track=Track.objects.first(), now=NOON)
    beside = make_interview(now=NOON)
    Interview.objects.filter(pk=beside.pk).update(second_seat=person)
    cohort = make_cohort(owner=person)
    cohort.join(candidate, shares="cohort", now=NOON)
    Snippet.objects.keep("Say what it costs.", coach=person, cohort=cohort, now=NOON)
    assign_to(cohort, track=Track.objects.first(), note="Mind the clock.")
    TimeAdjustment.objects.create(interview=interview, seconds=60, reason="The net was away", by=person, at=NOON)
    Notice.objects.create(
        recipient=candidate, kind="review_sent", key="1", path="/", actor=person, interview=interview, on_site=True,
        made_at=NOON,
    )  # fmt: skip


def keep_example(question: InterviewQuestion, *, decided_by: User) -> None:
    PointExample.objects.keep(question, {question.version.rubric_points.first().pk: "bold answer"}, now=NOON)
    question.point_examples.get().decide(approves=True, by=decided_by, now=NOON)


def assign(candidate: User, *, coach: User) -> None:
    """Declined, so that both have written something."""
    track = Track.objects.first()
    made = Assignment.objects.assign(
        coach=coach, candidate=candidate, track=track, pace="strict", note="Mind the clock.", now=NOON
    )
    with Assignment.objects.under_lock(made.pk) as locked:
        locked.decline(reason="I have no time.", now=NOON)


def make_review(interview: Interview, *, coach: User, words: str) -> Review:
    question = question_of(interview, 1)
    marks = {point.pk: "hit" for point in question.version.rubric_points.all()}
    review = Review.objects.create(
        interview=interview, coach=coach, asked_at=NOON, sent_at=NOON, verdict="yes", level="advanced",
        next_action=words, public_notes=words, private_notes=f"Private: {words}",
    )  # fmt: skip
    AnswerReview.objects.create(
        review=review, question=question, marks={str(pk): mark for pk, mark in marks.items()},
        comments={"whole": words}, is_complete=True,
    )  # fmt: skip
    grade = question.grade_by_rubric(marks, by=coach, source=Grade.Source.COACH, review=review, now=NOON)
    Appeal.objects.create(
        review=review, question=question, point=question.version.rubric_points.first(), coach=coach, reason="Because.",
        asked_at=NOON, mark="partly", explanation=words, answered_at=NOON, grade=grade,
    )  # fmt: skip
    DetailRequest.objects.create(
        review=review, question=question, note="Why?", asked_at=NOON, reply=words, replied_at=NOON
    )
    SkippedReview.objects.create(review=review, coach=coach, reason="No time.", at=NOON)
    interview.record("review_sent", actor=coach, now=NOON, review=review.pk)
    return review


def make_as_curator(person: User, *, reporter: User) -> None:
    with acting(person):
        version = make_version(format="free_text", publish=False, created_by=person)
    version.status = "in_review"
    version.save(update_fields=["status"])
    version.publish(now=NOON)
    type(version).objects.filter(pk=version.pk).update(published_by=person)
    flag = QuestionFlag.objects.report(version, by=reporter, reason="wrong", comment="Is it?", now=NOON)
    flag.respond("It is right.", by=person, now=NOON)
    assert VersionEvent.objects.filter(actor=person).exists()
    version.comment("Say which data.", field="prompt", by=person, now=NOON)
    upload = QuestionUpload.objects.create(
        user=person, name="quiz.gift", source=b"Is it? {T}", topic=version.primary_topic, level="beginner",
        category="theory", requested_at=NOON,
    )  # fmt: skip
    uploads.work_on(upload.pk, now=NOON)


def make_as_administrator(person: User) -> None:
    """Their own line in the admin's log, somebody else's about them, and a right that they gave."""
    people = ContentType.objects.get_for_model(User)
    with acting(person):
        administrator = User.objects.create_user("admin@example.com", is_superuser=True)
    for actor in (person, administrator):
        LogEntry.objects.create(
            user=actor, content_type=people, object_id=str(person.pk), object_repr=str(person), action_flag=CHANGE,
            change_message=f"Changed {person.email}",
        )  # fmt: skip


def make_export(person: User) -> DataExport:
    """A built one, with its file."""
    export = DataExport.objects.request(person, now=NOON)
    exporting.build(export.pk, now=NOON)
    export.refresh_from_db()
    assert export.is_ready
    return export
