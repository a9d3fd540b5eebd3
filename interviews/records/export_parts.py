"""What an export holds: one part a model, written as data/NAME.json.

A model that hangs on a person is either here or, with the reason, in NOT_EXPORTED; a test walks the models. So a new
model needs one line here. What its FileFields name is copied into the ZIP without more (data_export.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import Field, FileField, Model, Q, QuerySet

from accounts.models import Cohort, User
from questions.models import Question, Topic, Track

# What a foreign key is said by: a number means nothing outside this site, and nobody gets another's e-mail address.
SAID_BY = {
    User: "name",
    Group: "name",
    ContentType: "model",
    Question: "slug",
    Topic: "slug",
    Track: "slug",
    Cohort: "name",
}


@dataclass(frozen=True)
class Part:
    """`owner`: the way from a row to the person. `without`: fields that are secrets or somebody else's."""

    name: str
    label: str  # app.Model
    owner: str
    about: str
    without: tuple[str, ...] = ()
    narrowed: Callable[[QuerySet], QuerySet] = lambda rows: rows
    has_table: bool = True  # a page of its own in the ZIP; what has none is read in the pages of the interviews

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.label)

    @property
    def fields(self) -> list[Field]:
        return [field for field in self.model._meta.concrete_fields if field.name not in (self.owner, *self.without)]

    @property
    def file_fields(self) -> list[FileField]:
        return [field for field in self.fields if isinstance(field, FileField)]

    def rows_of(self, user: User) -> QuerySet:
        return self.narrowed(self.model._base_manager.filter(**{self.owner: user.pk})).order_by("pk")

    def columns(self) -> dict[str, str]:
        """The name of a value in the JSON → where it is read."""
        said_by = {field.name: SAID_BY.get(field.related_model) for field in self.fields}
        return {name: f"{name}__{said}" if said else name for name, said in said_by.items()}


def shown(rows: QuerySet) -> QuerySet:
    """Not what the interview still has in store."""
    return rows.exclude(state="pending")


def finished(rows: QuerySet) -> QuerySet:
    """Not what is still on its way."""
    return rows.filter(finished_at__isnull=False)


def sent(rows: QuerySet) -> QuerySet:
    """What a coach is still writing, or took back, is not the candidate's to read."""
    return rows.filter(sent_at__isnull=False)


def of_sent_reviews(rows: QuerySet) -> QuerySet:
    return rows.filter(review__sent_at__isnull=False)


def answered(rows: QuerySet) -> QuerySet:
    return of_sent_reviews(rows).filter(answered_at__isnull=False)


def standing(rows: QuerySet) -> QuerySet:
    return rows.filter(Q(review=None) | Q(review__sent_at__isnull=False))


OF_INTERVIEW = "interview__candidate"
OF_ANSWER = "question__interview__candidate"
OF_RECORDING = f"recording__{OF_ANSWER}"
AUTOSAVE = ("rev", "saved_by_page", "saved_changes", "saved_at")
HELD = ("held_by", "held_until")

PARTS = [
    Part("account", "accounts.User", "pk", "You, and your settings", ("password",)),
    Part("roles", "accounts.User_groups", "user", "What you may do here besides taking interviews"),
    Part(
        "right_events",
        "accounts.RightEvent",
        "person",
        "Every role and grant that you were given or lost, when and by whom",
    ),
    Part("email_addresses", "account.EmailAddress", "user", "Your email addresses"),
    Part("second_factors", "mfa.Authenticator", "user", "Your second factors, without their secrets", ("data",)),
    Part("log_ins", "usersessions.UserSession", "user", "Where you are logged in", ("session_key", "data")),
    Part(
        "grants_given",
        "accounts.CoachGrant",
        "candidate",
        "Who may read your interviews",
        ("token_hash", "email"),
    ),
    Part(
        "grants_held",
        "accounts.CoachGrant",
        "coach",
        "Whose interviews you may read as a coach",
        ("token_hash", "email", "interview_public_id"),
    ),
    Part("cohorts", "accounts.CohortMember", "user", "Cohorts that you joined or left", ("mail_at", "mail_attempts")),
    Part("cohorts_coached", "accounts.CohortCoach", "coach", "Cohorts that you coach or coached", ("email",)),
    Part("cohorts_owned", "accounts.Cohort", "owner", "Cohorts of your own", ("join_code",)),
    Part("access_log", "accounts.AccessLog", "candidate", "Who looked at your answers, and when"),
    Part(
        "own_looks",
        "accounts.AccessLog",
        "actor",
        "When you looked at other people's answers",
        ("candidate", "interview_public_id", "subject"),
    ),
    Part("interviews", "interviews.Interview", "candidate", "Your interviews", ("drill",)),  # what is in store
    Part(
        "answers",
        "interviews.InterviewQuestion",
        OF_INTERVIEW,
        "Your latest answer to each question you were shown. The questions themselves are in data/asked",
        narrowed=shown,
        has_table=False,
    ),
    Part(
        "revisions",
        "interviews.AnswerRevision",
        OF_ANSWER,
        "Every saved version of every answer, including late and replaced ones",
        has_table=False,
    ),
    Part(
        "recordings",
        "interviews.Recording",
        OF_ANSWER,
        "What you recorded; the sound itself is in files/recordings.",
        ("asked_at", "attempts", "held_until", "heard_seconds"),
        narrowed=finished,
        has_table=False,
    ),
    Part(
        "transcripts",
        "interviews.Transcript",
        OF_RECORDING,
        "What a machine heard in your recordings, word by word; `recording` is that of recordings.json",
        has_table=False,
    ),
    Part(
        "transcript_corrections",
        "interviews.TranscriptCorrection",
        f"transcript__{OF_RECORDING}",
        "Your corrections of transcripts",
        has_table=False,
    ),
    Part(
        "grades",
        "interviews.Grade",
        OF_ANSWER,
        "Every score of every answer, from 0 to 1, and what it is based on",
        narrowed=standing,
        has_table=False,
    ),
    Part(
        "point_suggestions",
        "interviews.PointSuggestion",
        OF_ANSWER,
        "Where an answer may say a point of its rubric: suggestions, matched by words, and never scores",
        has_table=False,
    ),
    Part(
        "model_consents",
        "interviews.ModelConsent",
        "candidate",
        "When you let a language model read your answers, and when you took it back",
    ),
    Part(
        "model_calls",
        "interviews.ModelCall",
        OF_ANSWER,
        "What a language model was sent about your answers, and what it replied",
        has_table=False,
    ),
    Part("second_tries", "interviews.SecondTry", OF_ANSWER, "Points that you answered again, for practice"),
    Part(
        "point_examples",
        "interviews.PointExample",
        "candidate",
        "Sentences that you kept as making a point",
        ("decided_by",),
    ),
    Part(
        "examples_decided",
        "interviews.PointExample",
        "decided_by",
        "When you took such sentences into the bank, or left them out, as a curator; not whose",
        ("candidate", "question", "text"),
    ),
    Part("time_adjustments", "interviews.TimeAdjustment", OF_INTERVIEW, "Time added to your interviews, and pauses"),
    Part(
        "events", "interviews.InterviewEvent", OF_INTERVIEW, "What happened in your interviews, when.", has_table=False
    ),
    Part(
        "reviews",
        "interviews.Review",
        OF_INTERVIEW,
        "Coaches' reviews of your interviews that were sent",
        ("private_notes", *HELD, *AUTOSAVE),
        narrowed=sent,
        has_table=False,
    ),
    Part(
        "reviewed_answers",
        "interviews.AnswerReview",
        f"review__{OF_INTERVIEW}",
        "What these reviews say to single answers",
        AUTOSAVE,
        narrowed=of_sent_reviews,
        has_table=False,
    ),
    Part(
        "reviews_written",
        "interviews.Review",
        "coach",
        "Reviews that you wrote as a coach; not of whom, and without their words",
        ("interview", "quotes", "private_notes", "withdrawn_by", "rating_comment", *HELD, *AUTOSAVE),
    ),
    Part(
        "appeals",
        "interviews.Appeal",
        f"review__{OF_INTERVIEW}",
        "Marks that you appealed, and why",
        ("mark", "explanation", *AUTOSAVE),
    ),
    Part(
        "second_marks",
        "interviews.Appeal",
        f"review__{OF_INTERVIEW}",
        "What coaches answered to these appeals",
        ("reason", *AUTOSAVE),
        narrowed=answered,
    ),
    Part(
        "detail_requests",
        "interviews.DetailRequest",
        f"review__{OF_INTERVIEW}",
        "Where you asked coaches for more detail, and what they added",
        narrowed=of_sent_reviews,
    ),
    Part("skipped_reviews", "interviews.SkippedReview", f"review__{OF_INTERVIEW}", "Why coaches could not review"),
    Part(
        "reports",
        "interviews.WeaknessReport",
        "candidate",
        "Your reports, as they were compiled",
        has_table=False,
    ),
    Part("report_requests", "interviews.EvidenceChange", "candidate", "Whether your newest report is up to date"),
    Part(
        "report_shares",
        "interviews.ReportShare",
        "report__candidate",
        "Reports that you showed to others by a link",
        ("token_hash",),
    ),
    Part("practice_cards", "interviews.PracticeCard", "candidate", "When which question is worth asking you again"),
    Part(
        "preparation",
        "interviews.Preparation",
        "candidate",
        "What you prepare for, and how much time you have",
        ("feed_hash",),
    ),
    Part("debriefs", "interviews.Debrief", "candidate", "What you wrote down after real interviews"),
    Part("studied", "interviews.Studied", "candidate", "Questions whose answers you looked up, and when"),
    Part("bookmarks", "interviews.Bookmark", "candidate", "Questions that you bookmarked"),
    Part("question_notes", "interviews.QuestionNote", "candidate", "Your notes on questions", ("html", "rev")),
    Part("assignments", "interviews.Assignment", "candidate", "Interviews that coaches assigned to you"),
    Part(
        "assignments_given",
        "interviews.Assignment",
        "coach",
        "Interviews that you assigned as a coach; not to whom",
        ("candidate", "interview", "declined_reason"),
    ),
    Part(
        "cohort_assignments",
        "interviews.CohortAssignment",
        "coach",
        "Interviews that you assigned to cohorts",
        ("drawn",),
    ),
    Part(
        "live_mocks",
        "interviews.LiveMock",
        "candidate",
        "Live mocks in which you answered, or were to",
        ("made_by", "proposed_by", "swapped_from"),
    ),
    Part(
        "live_mocks_held",
        "interviews.LiveMock",
        "interviewer",
        "Live mocks in which you asked, or were to; not whom",
        ("candidate", "interview", "made_by", "proposed_by", "swapped_from"),
    ),
    Part("snippets", "interviews.Snippet", "coach", "Words that you keep for your reviews as a coach"),
    Part("notices", "interviews.Notice", "recipient", "Your notifications, here and by email"),
    Part("muted_notices", "interviews.MutedNotice", "person", "Notifications you turned off, and where"),
    Part(
        "question_flags",
        "questions.QuestionFlag",
        "reporter",
        "Problems with questions that you reported, and the answers",
        ("answered_by",),
    ),
    Part(
        "flags_answered",
        "questions.QuestionFlag",
        "answered_by",
        "Reported problems that you answered as a curator",
        ("reporter", "comment"),
    ),
    Part(
        "versions_written",
        "questions.QuestionVersion",
        "created_by",
        "Questions that you wrote as a curator",
        ("prompt_html", "model_answer_html", "published_by"),
        has_table=False,
    ),
    Part("curation", "questions.VersionEvent", "actor", "What you did with questions as a curator"),
    Part("curation_comments", "questions.VersionComment", "author", "What you said about drafts as a curator"),
    Part(
        "question_uploads",
        "questions.QuestionUpload",
        "user",
        "Files with questions that you uploaded as a curator",
        ("source",),
    ),
    Part("exports", "interviews.DataExport", "user", "Exports like this one that you asked for", ("file",)),
    Part(
        "admin_log",
        "admin.LogEntry",
        "user",
        "What you changed on the administration pages",
        ("object_id", "object_repr", "change_message"),
    ),
]

# What leads to a person and is in no part, and why.
NOT_EXPORTED = {
    "accounts.User_user_permissions.user": "nobody is given single permissions",
    "account.EmailConfirmation": "the secret of a link; never stored, our links are signed",
    "accounts.RightEvent.actor": "what other people were given; yours are in right_events.json",
    "interviews.RecordingPart": "pieces on their way to becoming a file; whole recordings are in recordings.json",
    "interviews.Grade.by": "scores of other people; yours are in grades.json",
    "interviews.Interview.second_seat": "only while somebody sits beside the candidate; live_mocks.json says who",
    "interviews.LiveMock.made_by": "one of the two people, whose own parts say it",
    "interviews.LiveMock.proposed_by": "as above",
    "interviews.InterviewEvent.actor": "happened in other people's interviews; yours are in events.json",
    "interviews.TimeAdjustment.by": "as above",
    "interviews.Notice.actor": "what other people were told",
    "interviews.Review.held_by": "only while somebody writes",
    "interviews.Review.withdrawn_by": "other people's interviews",
    "interviews.Appeal.coach": "other people's interviews",
    "interviews.SkippedReview.coach": "as above",
    "interviews.KeptDraft.coach": "quotes other people's answers and holds private notes; the review's page shows it",
    "questions.QuestionVersion.published_by": "curation.json says it",
    "questions.UploadedQuestion": "what your own file says, for a week",
}
