"""Every wing's models, so that Django finds them. Import a model from its own wing."""

from interviews.coaching.models import (
    AnswerReview,
    Appeal,
    Assignment,
    CohortAssignment,
    DetailRequest,
    KeptDraft,
    LiveMock,
    Review,
    SkippedReview,
    Snippet,
)
from interviews.interviewer.models import (
    ModelCall,
    ModelConsent,
    ModelTrial,
    PointExample,
    PointSuggestion,
    SecondTry,
)
from interviews.notices.models import MutedNotice, Notice
from interviews.plan.library.models import Bookmark, QuestionNote
from interviews.plan.models import Debrief, Preparation
from interviews.records.models import DataExport
from interviews.report.models import PracticeCard, ReportShare, WeaknessReport
from interviews.sitting.models import (
    AnswerRevision,
    EvidenceChange,
    Grade,
    Interview,
    InterviewEvent,
    InterviewQuestion,
    Studied,
    TimeAdjustment,
)
from interviews.speech.models import Recording, RecordingPart, Transcript, TranscriptCorrection

__all__ = [
    "AnswerReview",
    "AnswerRevision",
    "Appeal",
    "Assignment",
    "Bookmark",
    "CohortAssignment",
    "DataExport",
    "Debrief",
    "DetailRequest",
    "EvidenceChange",
    "Grade",
    "Interview",
    "InterviewEvent",
    "InterviewQuestion",
    "KeptDraft",
    "LiveMock",
    "ModelCall",
    "ModelConsent",
    "ModelTrial",
    "MutedNotice",
    "Notice",
    "PointExample",
    "PointSuggestion",
    "PracticeCard",
    "Preparation",
    "QuestionNote",
    "Recording",
    "RecordingPart",
    "ReportShare",
    "Review",
    "SecondTry",
    "SkippedReview",
    "Snippet",
    "Studied",
    "TimeAdjustment",
    "Transcript",
    "TranscriptCorrection",
    "WeaknessReport",
]
