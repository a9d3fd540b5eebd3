from interviews.coaching.models.answer_review import AnswerReview
from interviews.coaching.models.appeal import Appeal
from interviews.coaching.models.assignment import Assignment
from interviews.coaching.models.autosave import Draft, KeptDraft, SaveOutcome
from interviews.coaching.models.cohort_assignment import CohortAssignment
from interviews.coaching.models.detail import DetailRequest
from interviews.coaching.models.live import LiveMock
from interviews.coaching.models.review import Review, SkippedReview
from interviews.coaching.models.snippet import Snippet

__all__ = [
    "AnswerReview",
    "Appeal",
    "Assignment",
    "CohortAssignment",
    "DetailRequest",
    "Draft",
    "KeptDraft",
    "LiveMock",
    "Review",
    "SaveOutcome",
    "SkippedReview",
    "Snippet",
]
