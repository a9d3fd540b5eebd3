from interviews.sitting.models.answer import AnswerRevision, Written, checksum
from interviews.sitting.models.answering import Outcome, Refused
from interviews.sitting.models.evidence import EvidenceChange
from interviews.sitting.models.grade import Grade
from interviews.sitting.models.interview import Interview
from interviews.sitting.models.question import InterviewQuestion
from interviews.sitting.models.record import InterviewEvent, TimeAdjustment
from interviews.sitting.models.starting import DRILL_QUESTIONS, Practice, draw_versions, practice_of_mix
from interviews.sitting.models.studied import Studied

__all__ = [
    "DRILL_QUESTIONS",
    "AnswerRevision",
    "EvidenceChange",
    "Grade",
    "Interview",
    "InterviewEvent",
    "InterviewQuestion",
    "Outcome",
    "Practice",
    "Refused",
    "Studied",
    "TimeAdjustment",
    "Written",
    "checksum",
    "draw_versions",
    "practice_of_mix",
]
