"""What pages show of a review: the same to the coach in the preview and to the candidate afterwards."""

from functools import cached_property

from interviews.models import AnswerReview, Grade, Interview, InterviewQuestion, KeptDraft, Review
from interviews.paragraphs import answer_paragraphs

KEPT_NAMES = {
    "quotes": "Quote",
    "comments": "Comment",
    "next_action": "Next action",
    "public_notes": "Notes for the candidate",
    "private_notes": "Private notes",
}


class ReviewedAnswer:
    """One answer with what a review says to it, point by point and paragraph by paragraph.

    The question comes with its version's content and its grades (`for_results`).
    """

    def __init__(self, question: InterviewQuestion, said: AnswerReview, review: Review):
        self.question = question
        self.said = said
        self.review = review

    @property
    def has_content(self) -> bool:
        return bool(self.said.marks or self.said.comments)

    @property
    def shows_own_view(self) -> bool:
        """The candidate's own score and confidence would sway the coach: first every point, then they show."""
        return self.said.is_complete or not self.question.is_for_rubric

    @cached_property
    def own_marks(self) -> dict[str, str]:
        own = [grade for grade in self.question.grades.all() if grade.source == Grade.Source.SELF]
        return own[-1].evidence.get("points", {}) if own else {}

    @property
    def points(self) -> list[dict]:
        """Each rubric point with the coach's mark and quote; with one's own mark only where that is shown."""
        return [
            {
                "point": point,
                "mark": self.said.marks.get(str(point.pk)),
                "quote": self.said.quotes.get(str(point.pk), ""),
                "own": self.own_marks.get(str(point.pk)) if self.shows_own_view else None,
            }
            for point in self.question.version.rubric_points.all()
        ]

    @property
    def misconceptions(self) -> list[tuple]:
        """(misconception, whether the answer holds it)."""
        return [(one, one.pk in self.said.misconceptions) for one in self.question.version.misconceptions.all()]

    @property
    def held_misconceptions(self) -> list:
        return [one for one, is_held in self.misconceptions if is_held]

    @property
    def paragraphs(self) -> list[tuple]:
        """(paragraph, the comment on it)."""
        return [(one, self.said.comments.get(one.key, "")) for one in answer_paragraphs(self.question)]

    @property
    def commented_paragraphs(self) -> list[tuple]:
        return [(one, comment) for one, comment in self.paragraphs if comment]

    @property
    def whole_comment(self) -> str:
        return self.said.comments.get("whole", "")


def reviewed_answers(review: Review) -> list[ReviewedAnswer]:
    return [ReviewedAnswer(question, review.answer_to(question), review) for question in review.shown_questions]


def reviews_for_candidate(interview: Interview) -> list[Review]:
    """The newest first, without what only coaches may read."""
    reviews = interview.reviews.select_related("coach", "withdrawn_by").prefetch_related("answers")
    return list(reviews.defer("private_notes"))


def kept_texts(drafts: list[KeptDraft]) -> list[tuple]:
    """(draft, [(what it is, text), …]) of the drafts that hold any text."""
    kept = []
    for draft in drafts:
        texts = []
        for name, label in KEPT_NAMES.items():
            value = draft.content.get(name) or ""
            texts += [(label, text) for text in (value.values() if isinstance(value, dict) else [value]) if text]
        if texts:
            kept.append((draft, texts))
    return kept
