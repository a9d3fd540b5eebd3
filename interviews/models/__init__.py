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

__all__ = [
    "CONFIDENCES",
    "AnswerRevision",
    "Grade",
    "Interview",
    "InterviewEvent",
    "InterviewQuestion",
    "Outcome",
    "Refused",
    "ReportRequest",
    "TimeAdjustment",
    "WeaknessReport",
    "Written",
    "checksum",
    "draw_versions",
]
