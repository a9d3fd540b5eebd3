"""A language model that is tried on the labelled answers of `./dev bench grading --model`, and what is kept of it."""

from collections import Counter

from django.conf import settings
from django.utils import timezone

from benchmarks._site import say
from interviews.interviewer import graders, prompting
from interviews.interviewer.models import ModelTrial
from questions.matching.lexical import LexicalGrader

PRECISION = "precision of found"
SHARE = "share of said points found, blind answers"
ELSEWHERE = "false found on answers to another question"
LEAST_READ = 0.95  # of its replies


class Trial:
    """Its calls are counted and not kept: no candidate's answer is among them."""

    def __init__(self) -> None:
        if not graders.is_on():
            raise SystemExit("Set LLM_URL and LLM_MODEL.")
        self.outcomes: Counter = Counter()
        self.tokens = 0

    def grader(self, lexical: LexicalGrader) -> graders.LLMGrader:
        return graders.LLMGrader(lambda prompt: self, lexical)

    def end(self, outcome: str, reply) -> None:
        self.outcomes[outcome] += 1
        self.tokens += sum(filter(None, (reply.prompt_tokens, reply.reply_tokens))) if reply else 0

    def keep(self, by_model: dict[str, float], by_words: dict[str, float]) -> bool:
        """Prints both, and keeps for `doctor` whether the model did better."""
        for name in by_words:
            say(f"{name:46} {by_model[name]:8.3f}  by words {by_words[name]:.3f}")
        # A reply that is missing was found by words, as on a site: of a model that is often away nothing is known.
        read = self.outcomes["read"] / max(self.outcomes.total(), 1)
        say(f"{dict(self.outcomes)} calls, {self.tokens} tokens; {100 * read:.0f}% read")
        is_fit = read >= LEAST_READ and beats(by_model, by_words)
        ModelTrial.objects.create(
            service=graders.service(),
            model=settings.LLM_MODEL,
            prompt_version=prompting.VERSION,
            numbers={"model": by_model, "words": by_words, "read": read},
            is_fit=is_fit,
            at=timezone.now(),
        )
        say(f"{'Fit: it does' if is_fit else 'Not fit: it does not do'} better than matching by words.")
        return is_fit


def beats(mine: dict[str, float], theirs: dict[str, float]) -> bool:
    """More precise and finding more, and no more often taken in by an answer to another question."""
    return mine[PRECISION] > theirs[PRECISION] and mine[SHARE] > theirs[SHARE] and mine[ELSEWHERE] <= theirs[ELSEWHERE]
