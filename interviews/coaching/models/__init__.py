from interviews.coaching.models.answer_review import AnswerReview
from interviews.coaching.models.appeal import Appeal
from interviews.coaching.models.assignment import Assignment
from interviews.coaching.models.autosave import Draft, KeptDraft, SaveOutcome
from interviews.coaching.models.cohort_assignment import CohortAssignment
from interviews.coaching.models.review import Review, SkippedReview

__all__ = [
    "AnswerReview",
    "Appeal",
    "Assignment",
    "CohortAssignment",
    "Draft",
    "KeptDraft",
    "Review",
    "SaveOutcome",
    "SkippedReview",
]
