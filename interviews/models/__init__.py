from interviews.models.answer import (
    CONFIDENCES,
    AnswerRevision,
    Grade,
    InterviewQuestion,
    Written,
    checksum,
)
from interviews.models.answering import Outcome, Refused
from interviews.models.interview import Interview, draw_versions
from interviews.models.record import InterviewEvent, TimeAdjustment
from interviews.models.report import ReportRequest, WeaknessReport
from interviews.models.review import AnswerReview, Draft, KeptDraft, Review, SaveOutcome

__all__ = [
    "CONFIDENCES",
    "AnswerReview",
    "AnswerRevision",
    "Draft",
    "Grade",
    "Interview",
    "InterviewEvent",
    "InterviewQuestion",
    "KeptDraft",
    "Outcome",
    "Refused",
    "ReportRequest",
    "Review",
    "SaveOutcome",
    "TimeAdjustment",
    "WeaknessReport",
    "Written",
    "checksum",
    "draw_versions",
]
