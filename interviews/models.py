"""Every wing's models, so that Django finds them. Import a model from its own wing."""

from interviews.coaching.models import (
    AnswerReview,
    Appeal,
    Assignment,
    CohortAssignment,
    KeptDraft,
    Review,
    SkippedReview,
)
from interviews.notices.models import MutedNotice, Notice
from interviews.records.models import DataExport
from interviews.report.models import PracticeCard, ReportShare, WeaknessReport
from interviews.sitting.models import (
    AnswerRevision,
    EvidenceChange,
    Grade,
    Interview,
    InterviewEvent,
    InterviewQuestion,
    TimeAdjustment,
)
from interviews.speech.models import Recording, RecordingPart

__all__ = [
    "AnswerReview",
    "AnswerRevision",
    "Appeal",
    "Assignment",
    "CohortAssignment",
    "DataExport",
    "EvidenceChange",
    "Grade",
    "Interview",
    "InterviewEvent",
    "InterviewQuestion",
    "KeptDraft",
    "MutedNotice",
    "Notice",
    "PracticeCard",
    "Recording",
    "RecordingPart",
    "ReportShare",
    "Review",
    "SkippedReview",
    "TimeAdjustment",
    "WeaknessReport",
]
