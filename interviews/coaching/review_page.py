"""What pages show of a review: the same to the coach in the preview and to the candidate afterwards."""

from functools import cached_property

from django.db.models import Prefetch, prefetch_related_objects

from interviews.coaching.models import AnswerReview, Appeal, DetailRequest, KeptDraft, Review
from interviews.coaching.paragraphs import answer_paragraphs
from interviews.interviewer.finding import suggestions_of
from interviews.interviewer.wording import above
from interviews.sitting.models import Grade, Interview, InterviewQuestion

KEPT_NAMES = {
    "quotes": "Quote",
    "comments": "Comment",
    "next_action": "Next action",
    "public_notes": "Notes for the candidate",
    "private_notes": "Private notes",
    "explanation": "Why the second mark",
}


class ReviewedAnswer:
    """One answer with what a review says to it, point by point and paragraph by paragraph.

    The question comes with its version's content and its grades (`for_results`).
    """

    def __init__(
        self, question: InterviewQuestion, said: AnswerReview, review: Review, *, may_be_appealed: bool = False
    ):
        self.question = question
        self.said = said
        self.review = review
        self.may_be_appealed = may_be_appealed

    @property
    def has_content(self) -> bool:
        return bool(self.said.marks or self.said.comments)

    @property
    def shows_own_view(self) -> bool:
        """The candidate's own score and confidence would sway the coach: first every point, then they show."""
        return self.said.is_complete or not self.question.is_for_rubric

    @cached_property
    def own_evidence(self) -> dict:
        own = [grade for grade in self.question.grades.all() if grade.source == Grade.Source.SELF]
        return own[-1].evidence if own else {}

    @property
    def own_marks(self) -> dict[str, str]:
        return self.own_evidence.get("points", {})

    @cached_property
    def suggestions(self) -> dict:
        return suggestions_of(self.question)

    @property
    def about_suggestions(self) -> str:
        return above(self.suggestions.values())

    @cached_property
    def appeals(self) -> dict[int, Appeal]:
        """The newest appeal of each point, by its id; before a review is sent there is none."""
        appeals = self.review.appeals.all() if self.review.is_sent else []
        return {appeal.point_id: appeal for appeal in appeals if appeal.question_id == self.question.pk}

    @cached_property
    def details(self) -> list[DetailRequest]:
        """What was asked about this answer, and what the coach added."""
        if not self.review.is_sent:
            return []
        return [one for one in self.review.detail_requests.all() if one.question_id == self.question.pk]

    @property
    def may_ask_for_detail(self) -> bool:
        return self.may_be_appealed and all(one.replied_at for one in self.details)

    @cached_property
    def has_second_marks(self) -> bool:
        return any(appeal.is_answered for appeal in self.appeals.values())

    @property
    def points(self) -> list[dict]:
        """Each rubric point with the coach's mark, quote and appeal; with one's own mark, and what was found by words,
        only where that is shown.
        """
        return [self.point_row(point) for point in self.question.version.rubric_points.all()]

    def point_row(self, point) -> dict:
        mark = self.said.marks.get(str(point.pk))
        appeal = self.appeals.get(point.pk)
        return {
            "point": point,
            "mark": mark,
            "is_later": point.pk in self.said.after_follow_up,
            "quote": self.said.quotes.get(str(point.pk), ""),
            "own": self.own_marks.get(str(point.pk)) if self.shows_own_view else None,
            "own_is_later": self.shows_own_view and point.pk in self.own_evidence.get("after_follow_up", []),
            "suggestion": self.suggestions.get(point.pk) if self.shows_own_view else None,
            "appeal": appeal,
            "can_appeal": bool(self.may_be_appealed and mark and (appeal is None or appeal.withdrawn_at)),
        }

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
    """The newest first, without what only coaches may read; asked of the database once an interview object.

    Those that were sent come with what they say, the newest while it waits with who cannot write it.
    """
    if not hasattr(interview, "reviews_for_candidate"):
        reviews = list(interview.reviews.select_related("coach", "withdrawn_by").defer("private_notes"))
        appeals = Prefetch("appeals", queryset=Appeal.objects.select_related("coach"))
        sent = [review for review in reviews if review.is_sent]
        prefetch_related_objects(sent, "answers", appeals, "detail_requests")
        prefetch_related_objects([review for review in reviews[:1] if not review.is_sent], "skips__coach")
        interview.reviews_for_candidate = reviews
    return interview.reviews_for_candidate


class ScoreRow:
    """One answer's scores by who gave them, side by side; each in percent, or None. The newest of a kind counts."""

    def __init__(self, question: InterviewQuestion):
        newest = {grade.source: grade for grade in question.grades.all()}
        self.question = question
        self.own, self.coach, self.automatic = (
            newest.get(source) for source in (Grade.Source.SELF, Grade.Source.COACH, Grade.Source.AUTO)
        )

    @property
    def difference(self) -> int | None:
        """In points of a hundred, how much higher one's own score is than the coach's."""
        return round(100 * (self.own.score - self.coach.score)) if self.own and self.coach else None

    @property
    def difference_size(self) -> int:
        return abs(self.difference or 0)

    @property
    def alike(self) -> tuple[int, int] | None:
        """(points of the rubric that both marked alike, points that both marked)."""
        if not (self.own and self.coach):
            return None
        own, coach = (grade.evidence.get("points", {}) for grade in (self.own, self.coach))
        shared = own.keys() & coach.keys()
        return sum(own[key] == coach[key] for key in shared), len(shared)


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
