"""Does the LexicalGrader find what was said? docs/matching.md says how to read the numbers.

    ./dev bench grading           measure on benchmarks/grading/report; exit status 1 when a bound is broken
    ./dev bench grading --fit     fit the three coefficients on benchmarks/grading/fit, and print them
    ./dev bench grading --model   the same answers by the language model of LLM_URL, beside the words; what comes of
                                  it is kept in the database of DATABASE_URL, where `doctor` reads it

The answers are the project's own, labelled by reading: `said` are the points an answer makes, `partly` those that
it touches (they count neither way), `wrong` those whose opposite it says. The parts `report` and `fit` have no question
in common. `others` holds three answers a question by somebody who knew prompt and model answer, and no paraphrase;
`fresh` two more, written after paraphrases had been added in view of what was missed in `others`.
"""

import argparse
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from benchmarks._model import ELSEWHERE, PRECISION, SHARE, Trial  # noqa: E402
from benchmarks._site import say  # noqa: E402
from interviews.interviewer import graders  # noqa: E402
from questions import catalog_files, strict_yaml  # noqa: E402
from questions.matching.lexical import GAP, Coefficients, LexicalGrader, Point, ReadAnswer, ways_to_put  # noqa: E402
from questions.matching.text import content_stems, stem, words  # noqa: E402
from questions.matching.weights import Weights, all_text  # noqa: E402

FOLDER = Path(__file__).parent / "grading"
ANSWER = {"kind": str, "blind?": bool, "said": [int], "partly?": [int], "wrong?": [int], "text": str}
SHAPE = {
    "question": str,
    "answers": [ANSWER],
    "elsewhere?": [{"question": str, "answer": int, "said": [int], "partly?": [int]}],
}
LONG_ANSWER = 250  # words

Row = list[float]


@dataclass(frozen=True)
class Labelled:
    """One answer held against one rubric. `kind` is typed, spoken, opposite, keywords or elsewhere."""

    slug: str
    kind: str
    is_blind: bool  # written by somebody who had read title and prompt only
    text: str
    said: set[int]  # places of points, from 0
    partly: set[int]
    wrong: set[int]


@dataclass(frozen=True)
class Pair:
    """One answer and one point."""

    answer: Labelled
    point: int
    confidence: float | None
    verdict: str
    reason: str
    quote: str

    @property
    def is_said(self) -> bool:
        return self.point in self.answer.said

    @property
    def counts(self) -> bool:
        return self.point not in self.answer.partly


def is_said(pair: Pair) -> bool:
    return pair.is_said


def is_about(pair: Pair) -> bool:
    """The answer says the point or its opposite: all that words can tell."""
    return pair.is_said or pair.point in pair.answer.wrong


def is_found(pair: Pair) -> bool:
    return pair.verdict == "found"


def confidence(pair: Pair) -> float:
    return pair.confidence


class Bank:
    def __init__(self) -> None:
        entries = catalog_files.read().questions
        self.entries = {entry["slug"]: entry for entry in entries}
        self.weights = Weights.of(all_text(catalog_files.content_of(entry)) for entry in entries)

    def question(self, slug: str) -> str:
        return f"{self.entries[slug]['title']} {self.entries[slug]['prompt']}"

    def points(self, slug: str, with_says: bool = True) -> list[Point]:
        return [Point(point["point"], point.get("says", []) * with_says) for point in self.entries[slug]["rubric"]]

    def wrongs(self, slug: str) -> list[str]:
        return [wrong["statement"] for wrong in self.entries[slug].get("misconceptions", [])]


def labelled(part: str) -> Iterator[Labelled]:
    """Raises ValueError for a file of another shape, or with a label for a point that there is not."""
    files = {path.stem: strict_yaml.read(path) for path in sorted((FOLDER / part).glob("*.yaml"))}
    for slug, file in files.items():
        if faults := list(strict_yaml.shape_faults(file, SHAPE)):
            raise ValueError(f"{part}/{slug}.yaml: {faults}")
        elsewhere = [
            other | {"kind": "elsewhere", "text": files[other["question"]]["answers"][other["answer"] - 1]["text"]}
            for other in file.get("elsewhere", [])
        ]
        for answer in [*file["answers"], *elsewhere]:
            said, partly, wrong = (
                {point - 1 for point in answer.get(name, [])} for name in ("said", "partly", "wrong")
            )
            yield Labelled(slug, answer["kind"], answer.get("blind", False), answer["text"], said, partly, wrong)


def pairs(
    bank: Bank, answers: Sequence[Labelled], with_says: bool = True, grader: graders.Grader | None = None
) -> list[Pair]:
    grader, found = grader or LexicalGrader(bank.weights), []
    for answer in answers:
        points = bank.points(answer.slug, with_says)
        if not answer.said | answer.partly | answer.wrong <= set(range(len(points))):
            raise ValueError(f"{answer.slug}: a label for a point that there is not")
        for hit in grader.suggest(bank.question(answer.slug), points, bank.wrongs(answer.slug), answer.text).points:
            quote = answer.text[hit.start : hit.end]
            found.append(Pair(answer, hit.index, hit.confidence, hit.verdict, hit.reason, quote))
    return found


def area(pairs: Sequence[Pair], score: Callable[[Pair], float], holds: Callable[[Pair], bool] = is_said) -> float:
    """Under the ROC curve: how often a pair of which it holds has the higher score than one of which it does not."""
    said = [score(pair) for pair in pairs if pair.counts and holds(pair)]
    others = [score(pair) for pair in pairs if pair.counts and not holds(pair)]
    return sum((one > other) + (one == other) / 2 for one in said for other in others) / len(said) / len(others)


def share(pairs: Sequence[Pair], holds: Callable[[Pair], bool]) -> float:
    return sum(map(holds, pairs)) / len(pairs) if pairs else math.nan


def overlap(bank: Bank) -> Callable[[Pair], float]:
    """The dull baseline: the share of the point's words that are anywhere in the answer."""

    @cache
    def said(text: str) -> set[str]:
        return {stem(word.text) for word in words(text)}

    def score(pair: Pair) -> float:
        wanted = content_stems(bank.points(pair.answer.slug)[pair.point].text)
        return sum(stem in said(pair.answer.text) for stem in wanted) / len(wanted)

    return score


def cpu_ms(bank: Bank, answers: Sequence[Labelled]) -> float:
    """For an answer of 250 words and 7 points; the median of nine."""
    slug = next(answer.slug for answer in answers if len(bank.points(answer.slug)) == 7)
    spoken = [word for answer in answers if answer.kind == "spoken" for word in answer.text.split()]
    grader, times = LexicalGrader(bank.weights), []
    for turn in range(9):  # another text each time, as a first answer is
        text = " ".join(spoken[turn * LONG_ANSWER : (turn + 1) * LONG_ANSWER])
        began = time.process_time()
        grader.suggest(bank.question(slug), bank.points(slug), bank.wrongs(slug), text)
        times.append(1000 * (time.process_time() - began))
    return median(times)


def report(bank: Bank) -> bool:
    """Prints all, the failures too; whether every bound holds."""
    answers = list(labelled("report"))
    own = [answer for answer in answers if answer.kind != "elsewhere"]
    everything = pairs(bank, answers)
    mine = [pair for pair in everything if pair.answer.kind != "elsewhere"]
    blind = [pair for pair in mine if pair.answer.is_blind]
    statements = [pair for pair in pairs(bank, own, with_says=False) if pair.answer.is_blind]
    elsewhere = [pair for pair in everything if pair.answer.kind == "elsewhere" and pair.counts]
    found = [pair for pair in mine if is_found(pair)]
    sure = [pair for pair in found if pair.counts]
    gaps = [pair for pair in mine if pair.confidence < GAP]
    said = [pair for pair in blind if pair.is_said]
    others, fresh = (pairs(bank, list(labelled(part))) for part in ("others", "fresh"))
    print_failures(bank, [*everything, *others, *fresh])
    print_by_question([pair for pair in fresh if pair.is_said])
    questions = {answer.slug for answer in own}
    say(f"\n{len(own)} answers to {len(questions)} questions, {len(mine)} pairs; elsewhere {len(elsewhere)} pairs")
    for kind in sorted({pair.answer.kind for pair in everything}):
        of_kind = [pair for pair in everything if pair.answer.kind == kind]
        verdicts = [sum(pair.verdict == verdict for pair in of_kind) for verdict in ("found", "check", "not_found")]
        say(f"  {kind:10} {len(of_kind):4} pairs, {sum(pair.is_said for pair in of_kind):3} said; "
            f"{verdicts[0]} found, {verdicts[1]} check, {verdicts[2]} not found")  # fmt: skip
    rows = [
        ("area under the curve, blind answers", area(blind, confidence), 0.85, None),
        ("  by the length of the answer", area(blind, lambda pair: len(pair.answer.text)), None, None),
        ("  by plain overlap", area(blind, overlap(bank)), None, None),
        ("  all answers, opposites and lists among them", area(mine, confidence), None, None),
        ("  all answers: about it, opposites too", area(mine, confidence, is_about), None, None),
        (PRECISION, share(sure, is_said), 0.85, None),
        ("  blind answers", share([pair for pair in sure if pair.answer.is_blind], is_said), None, None),
        ("  with points touched counted as wrong", share(found, is_said), None, None),
        (SHARE, share(said, is_found), 0.5, None),
        ("  spoken ones", share([pair for pair in said if pair.answer.kind == "spoken"], is_found), None, None),
        ("  found or check", share(said, lambda pair: pair.verdict != "not_found"), None, None),
        ("  by the rubric's statements alone", share([p for p in statements if p.is_said], is_found), None, None),
        *rows_of("by others", others),
        *rows_of("by others, after the paraphrases", fresh),
        (ELSEWHERE, share(elsewhere, is_found), None, 0.04),
        ("gaps (p < 0.2) that are gaps", share(gaps, lambda pair: not pair.is_said), None, None),
        (f"CPU ms for {LONG_ANSWER} words and 7 points", cpu_ms(bank, own), None, 100),
    ]
    held = [print_row(*row) for row in rows]
    return all(held)


def print_row(name: str, value: float, least: float | None, most: float | None) -> bool:
    bound = f"≥ {least}" if least is not None else f"≤ {most}" if most is not None else ""
    holds = (least is None or value >= least) and (most is None or value <= most)
    say(f"{name:62} {value:8.3f}  {bound:8} {'' if holds else 'BROKEN'}")
    return holds


def print_failures(bank: Bank, everything: Sequence[Pair]) -> None:
    for title, failed in (
        (
            "Found, though not said",
            [pair for pair in everything if is_found(pair) and not pair.is_said and pair.counts],
        ),
        ("Said, and not found", [pair for pair in everything if pair.verdict == "not_found" and pair.is_said]),
    ):
        say(f"\n{title}: {len(failed)}")
        for pair in failed:
            point = bank.points(pair.answer.slug)[pair.point].text
            say(f"  {pair.answer.slug} {pair.point + 1}, {pair.answer.kind}, p {pair.confidence:.2f}: {point}")
            say(f"      «{' '.join(pair.quote.split())}»")


def rows_of(name: str, found_in: Sequence[Pair]) -> Iterator[tuple]:
    said = [pair for pair in found_in if pair.is_said]
    yield f"share of said points found, {name}", share(said, is_found), None, None
    yield "  found or check", share(said, lambda pair: pair.verdict != "not_found"), None, None
    yield (
        "  precision of found",
        share([pair for pair in found_in if is_found(pair) and pair.counts], is_said),
        None,
        None,
    )


def print_by_question(said: Sequence[Pair]) -> None:
    """The worst first."""
    slugs = {pair.answer.slug for pair in said}
    shares = {slug: share([pair for pair in said if pair.answer.slug == slug], is_found) for slug in slugs}
    say("\nShare of said points found, by others, after the paraphrases")
    for slug in sorted(slugs, key=lambda slug: (shares[slug], slug)):
        say(f"  {shares[slug]:.2f} {slug}")


def fit(bank: Bank) -> Coefficients:
    """By Newton's method with a ridge of 0.01, again and again until the best matches stay the same.

    Left out is what a rule decides and not the model: points that an answer touches or turns round, and lists of names.
    """
    answers = [answer for answer in labelled("fit") if answer.kind != "keywords"]
    coefficients = Coefficients(-2.5, 10.0, 3.0)
    for _ in range(20):
        rows, labels = features(bank, answers, LexicalGrader(bank.weights, coefficients))
        fitted = logistic(rows, labels)
        settled = max(abs(a - b) for a, b in zip(fitted, coefficients, strict=True)) < 0.001
        coefficients = Coefficients(*fitted)
        if settled:
            break
    say(f"{len(rows)} pairs, {sum(labels)} of them said: {', '.join(f'{value:.2f}' for value in coefficients)}")
    return coefficients


def features(bank: Bank, answers: Sequence[Labelled], grader: LexicalGrader) -> tuple[list[Row], list[bool]]:
    rows, labels = [], []
    for answer in answers:
        read = ReadAnswer(answer.text, bank.weights)
        asked = frozenset(stem(word.text) for word in words(bank.question(answer.slug)))
        for index, point in enumerate(bank.points(answer.slug)):
            if index not in answer.partly | answer.wrong:
                best = grader.matches(read, asked, ways_to_put(point))[:1]
                rows.append([1.0, best[0].cosine, best[0].recall] if best else [1.0, 0.0, 0.0])
                labels.append(index in answer.said)
    return rows, labels


def logistic(rows: Sequence[Row], labels: Sequence[bool], ridge: float = 0.01) -> Row:
    beta = [0.0, 0.0, 0.0]
    for _ in range(50):
        gradient = [-ridge * value for value in beta]
        curvature = [[ridge * (i == j) for j in range(3)] for i in range(3)]
        for row, label in zip(rows, labels, strict=True):
            p = Coefficients(*beta).confidence(row[1], row[2])
            for i in range(3):
                gradient[i] += (label - p) * row[i]
                for j in range(3):
                    curvature[i][j] += p * (1 - p) * row[i] * row[j]
        beta = [value + step for value, step in zip(beta, solved(curvature, gradient), strict=True)]
    return beta


def solved(matrix: list[Row], vector: Row) -> Row:
    """Cramer's rule, for three unknowns."""

    def determinant(m: list[Row]) -> float:
        (a, b, c), (d, e, f), (g, h, i) = m
        return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)

    columns = [[[*row[:k], vector[i], *row[k + 1 :]] for i, row in enumerate(matrix)] for k in range(3)]
    return [determinant(column) / determinant(matrix) for column in columns]


def try_model(bank: Bank) -> bool:
    """Holds the model of the settings against the words; whether it is fit."""
    answers, lexical, trial = list(labelled("report")), LexicalGrader(bank.weights), Trial()
    by_words = numbers(pairs(bank, answers, grader=lexical))
    return trial.keep(numbers(pairs(bank, answers, grader=trial.grader(lexical))), by_words)


def numbers(found: Sequence[Pair]) -> dict[str, float]:
    mine = [pair for pair in found if pair.answer.kind != "elsewhere"]
    sure = [pair for pair in mine if is_found(pair) and pair.counts]
    said = [pair for pair in mine if pair.answer.is_blind and pair.is_said]
    elsewhere = [pair for pair in found if pair.answer.kind == "elsewhere" and pair.counts]
    precision = share(sure, is_said) if sure else 0.0
    return {PRECISION: precision, SHARE: share(said, is_found), ELSEWHERE: share(elsewhere, is_found)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench grading")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--model", action="store_true")
    options = parser.parse_args()
    bank = Bank()
    if options.fit:
        fit(bank)
    elif options.model:
        sys.exit(not try_model(bank))
    elif not report(bank):
        sys.exit(1)


if __name__ == "__main__":
    main()
