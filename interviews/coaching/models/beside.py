"""What the second seat writes into the ordinary review while the interview runs: marks, and notes with their moment.

The review waits for them when the interview is over. Every function runs under the interview's lock.
"""

from datetime import datetime

from interviews.coaching.models.answer_review import AnswerReview
from interviews.coaching.models.autosave import Draft
from interviews.coaching.models.review import Review
from interviews.sitting.clock_text import clock
from interviews.sitting.models import Interview, InterviewQuestion, Refused

LONGEST_NOTES = 10_000


def mark(interview: Interview, position: int, marks: dict[str, str], *, by, now: datetime) -> None:
    """`marks`: hit, partly or missed by rubric point id; other points keep theirs."""
    question = interview.shown_question(position)
    review = review_of(interview, by=by, now=now)
    said = review.answers.filter(question=question).first() or AnswerReview(review=review, question=question)
    points = {str(point.pk) for point in question.version.rubric_points.all()}
    marks = said.marks | {pk: given for pk, given in marks.items() if pk in points}
    draft = Draft({"marks": marks, "is_complete": points == set(marks)}, rev=said.rev, page="")
    if said.differs(draft):
        said.write(draft, now=now)


def note(interview: Interview, text: str, *, by, now: datetime) -> None:
    """Private, one line with the question and its clock. The same words again, at once, are a second press."""
    review = review_of(interview, by=by, now=now)
    if review.private_notes.endswith(f"] {text}"):
        return
    line = f"[{moment(interview.current_question(), interview, now)}] {text}"
    notes = "\n".join(filter(None, [review.private_notes, line]))
    if len(notes) > LONGEST_NOTES:
        raise Refused(f"Your notes may have {LONGEST_NOTES:,} characters at most. Write the rest into the review.")
    review.write(Draft({"private_notes": notes}, rev=review.rev, page=""), now=now)


def review_of(interview: Interview, *, by, now: datetime) -> Review:
    """Begun with the first mark or note; a grant decides whether its coach may go on with it."""
    begun = Review.objects.filter(interview=interview).by_coach(by).awaiting_review().first()
    if begun is None:
        begun = Review.objects.create(interview=interview, coach=by, asked_at=now)
        interview.record("review_begun", actor=by, now=now, review=begun.pk)
    return begun


def moment(question: InterviewQuestion, interview: Interview, now: datetime) -> str:
    until = question.closed_at or interview.paused_at or now
    seconds = (until - question.opened_at).total_seconds() - question.paused_seconds
    return f"{question}, {clock(round(max(seconds, 0)) * 1000)}"
