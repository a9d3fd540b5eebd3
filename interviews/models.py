from interviews.models.answer import (
    CONFIDENCES,
    AnswerRevision,
    InterviewQuestion,
    Written,
    checksum,
)
from interviews.models.answering import Outcome, Refused
from interviews.models.appeal import Appeal
from interviews.models.assignment import Assignment
from interviews.models.autosave import Draft, KeptDraft, SaveOutcome
from interviews.models.data_export import DataExport
from interviews.models.grade import Grade
from interviews.models.interview import Interview
from interviews.models.interview_queries import DRILL_QUESTIONS, draw_versions
from interviews.models.notice import MutedNotice, Notice
from interviews.models.practice import Practice, PracticeCard
from interviews.models.record import InterviewEvent, TimeAdjustment
from interviews.models.recording import Recording, RecordingPart
from interviews.models.report import ReportRequest, WeaknessReport
from interviews.models.review import AnswerReview, Review, SkippedReview
from interviews.models.share import ReportShare

__all__ = [
    "CONFIDENCES",
    "DRILL_QUESTIONS",
    "AnswerReview",
    "AnswerRevision",
    "Appeal",
    "Assignment",
    "DataExport",
    "Draft",
    "Grade",
    "Interview",
    "InterviewEvent",
    "InterviewQuestion",
    "KeptDraft",
    "MutedNotice",
    "Notice",
    "Outcome",
    "Practice",
    "PracticeCard",
    "Recording",
    "RecordingPart",
    "Refused",
    "ReportRequest",
    "ReportShare",
    "Review",
    "SaveOutcome",
    "SkippedReview",
    "TimeAdjustment",
    "WeaknessReport",
    "Written",
    "checksum",
    "draw_versions",
]
