"""Asks the site's language model about an answer whose candidate allows it; what it found is kept beside the rest."""

from datetime import datetime

from interviews.interviewer import finding, graders
from interviews.interviewer.models import ModelCall, ModelConsent
from interviews.sitting.models import InterviewQuestion
from interviews.speech.models import answer_text
from questions import listening


def ask_about(question_id: int, *, now: datetime) -> None:
    """Safe to repeat: an answer is asked about twice at most, whatever comes of it. Takes up to 40 seconds."""
    asked_after = InterviewQuestion.objects.select_related("interview", "version__question")
    question = asked_after.filter(pk=question_id).first()
    if question is None or not may_be_sent(question):
        return
    grader = graders.LLMGrader(lambda prompt: ModelCall.objects.begin(question, prompt, now=now))
    asked = listening.asked_of(question.version_id)
    answer = answer_text(question)[: finding.LONGEST_READ]
    found = grader.found(asked.question, asked.points, asked.misconceptions, answer)
    if found and InterviewQuestion.objects.filter(pk=question_id).exists():  # nobody was erased meanwhile
        finding.keep(question, found, grader, now=now)


def may_be_sent(question: InterviewQuestion) -> bool:
    is_wanted = graders.is_on() and question.version.question.suggests_points
    is_read = question.suggestions.filter(opening=question.opening, grader=graders.LLMGrader.name).exists()
    is_allowed = ModelConsent.objects.live().filter(candidate=question.interview.candidate_id)
    return is_wanted and not is_read and is_allowed.exists()
