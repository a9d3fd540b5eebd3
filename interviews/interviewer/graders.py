"""Who looks for rubric points in an answer: by words, always; by a language model, where a site names one."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings

from interviews.interviewer import chat, prompting
from interviews.interviewer.prompting import Prompt
from questions import listening
from questions.matching.lexical import Findings, LexicalGrader, Point

log = logging.getLogger(__name__)

TRIES = 2  # of one answer


class Grader(Protocol):
    """`name` and `version` are stored with each of its suggestions."""

    name: str
    version: str

    def suggest(
        self, question: str, points: Sequence[Point], misconceptions: Sequence[str], answer: str
    ) -> Findings: ...


class Call(Protocol):
    """One try at asking a model: what came of it is noted here."""

    def end(self, outcome: str, reply: chat.Reply | None) -> None: ...


class LLMGrader:
    """Asks the model of the settings; what cannot be read, or does not come in time, is found by words instead.

    `begin` is called before each try and gives where to note it; None: there may be none any more.
    """

    name = "llm"

    def __init__(self, begin: Callable[[Prompt], Call | None], lexical: LexicalGrader | None = None) -> None:
        self.begin = begin
        self.lexical = lexical
        self.version = f"{settings.LLM_MODEL} {prompting.VERSION}"[:100]

    def suggest(self, question: str, points: Sequence[Point], misconceptions: Sequence[str], answer: str) -> Findings:
        asked = question, points, misconceptions, answer
        return self.found(*asked) or (self.lexical or listening.lexical_grader()).suggest(*asked)

    def found(
        self, question: str, points: Sequence[Point], misconceptions: Sequence[str], answer: str
    ) -> Findings | None:
        """What the model found; None where it was not asked, or gave nothing that can be read."""
        if not points or not prompting.has_enough_words(answer):
            return None
        for _ in range(TRIES):
            prompt = prompting.prompt_for(question, points, misconceptions, answer, nonce=secrets.token_hex(8))
            call = self.begin(prompt)
            if call is None:
                return None
            reply = None
            try:
                reply = ask(prompt)
                suggestions = prompting.read(reply.text, prompt)
            except chat.ModelAway as fault:
                log.warning("%s", fault)
                call.end("away", reply)
            except prompting.Unreadable as fault:
                log.warning("A language model's reply could not be read: %s", fault)
                call.end("unreadable", reply)
            else:
                call.end("read", reply)
                return Findings(suggestions)
        return None


def ask(prompt: Prompt) -> chat.Reply:
    """Raises ModelAway."""
    return chat.ask(
        prompt.messages, prompt.schema, url=settings.LLM_URL, key=settings.LLM_KEY, model=settings.LLM_MODEL
    )


def is_on() -> bool:
    """Whether the site names a language model; each candidate decides for themselves."""
    return bool(settings.LLM_URL and settings.LLM_MODEL and settings.SUGGEST_POINTS)


def service() -> str:
    """Where answers go: the host of the address, with its port where it has one."""
    return urlsplit(settings.LLM_URL).netloc.rpartition("@")[2]


# The later one's suggestions are shown where both have some.
REGISTRY: Mapping[str, type[Grader]] = {grader.name: grader for grader in (LexicalGrader, LLMGrader)}
RANKS = {name: rank for rank, name in enumerate(REGISTRY)}
