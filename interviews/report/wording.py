"""The report's words: numbers into sentences that claim no more than the numbers carry. No Django.

A number never stands without its range and its evidence; percentages are whole and ranges are rounded outwards;
there are no ranks, no comparison with other people and no judging words.
"""

import math
from collections.abc import Sequence
from datetime import date

from interviews.report.statistics import confidence, pacing
from interviews.report.statistics.change import Kind
from interviews.report.statistics.leniency import Leniency, Verdict, usual_points
from interviews.report.statistics.track import MIN_ANSWERS as MIN_TRACK_ANSWERS
from interviews.report.statistics.track import MIN_SHARE as MIN_TRACK_SHARE
from interviews.report.statistics.trend import MIN_ATTEMPTS, MIN_DAYS, MIN_SPAN, Direction, Trend
from interviews.report.statistics.weakness import (
    DEFAULT_TARGET,
    MIN_COUNTED_ANSWERS,
    MIN_TOPIC_EVIDENCE,
    PROBABLY,
    VERY_LIKELY,
    Estimate,
    Label,
)

NOT_TESTED = "not tested yet"

LABEL_NAMES = {
    Label.WEAK: "Weak",
    Label.PROBABLY_WEAK: "Probably weak",
    Label.UNCLEAR: "Unclear",
    Label.PROBABLY_ON_TARGET: "Probably on target",
    Label.ON_TARGET: "On target",
    Label.NOT_ENOUGH_EVIDENCE: "Not enough evidence yet",
}
LABEL_ORDER = {label: position for position, label in enumerate(LABEL_NAMES)}  # the report's groups, in order


def verdict(label: Label) -> str:
    """A topic's label as it stands beside its range."""
    return "can’t tell yet" if label == Label.UNCLEAR else LABEL_NAMES[label].lower()


# Numbers


def whole_percent(share: float) -> str:
    """0.498 as "50%"."""
    return f"{round(100 * share)}%"


def outward(low: float, high: float) -> tuple[int, int]:
    """A range of shares in whole percents, rounded outwards: 0.332 to 0.668 is (33, 67)."""
    # Nine digits first: 100 * 0.07 is 7.000000000000001, which must stay 7.
    return math.floor(round(100 * low, 9)), math.ceil(round(100 * high, 9))


def percent_range(low: float, high: float) -> str:
    """0.332 to 0.668 as "33–67%"; a range that reaches below 0 as "−5 to 23%"."""
    first, last = outward(low, high)
    return f"{first}–{last}%" if first >= 0 else f"{_signed(first)} to {_signed(last)}%"


def about_answers(evidence: float) -> str:
    """Evidence that suffices for a label, as "about 6 recent answers"."""
    return how_many(round(evidence), "recent answer", about=True)


def evidence_worth(evidence: float) -> str:
    """Evidence that does not suffice, rounded down: 2.96 is worth "2.9"."""
    tenths = math.floor(round(10 * evidence, 9))
    return f"{tenths / 10:.1f}" if tenths else "less than 0.1"


def thin_evidence(evidence: float, answers: int, *, has_own: bool = False, has_shared: bool = False) -> str:
    """What there is of a topic below the evidence that a label needs, and how much that is.

    "evidence worth 2.8 of the 3 answers needed, from 6 answers (own scores count half, shared questions in part)"
    """
    if not evidence > 0:
        return NOT_TESTED
    partly = [*(["own scores count half"] if has_own else []), *(["shared questions in part"] if has_shared else [])]
    if partly == ["shared questions in part"]:
        partly = ["shared questions count in part"]
    why = f" ({', '.join(partly)})" if partly else ""
    worth = evidence_worth(evidence)
    return f"evidence worth {worth} of the {MIN_TOPIC_EVIDENCE} answers needed, from {how_many(answers, 'answer')}{why}"


def drill_note(enough: int | None, brings_to: float, questions: int) -> str:
    """How far a drill of so many questions brings a topic; `enough`: after how many it has what a label needs."""
    if enough is None:
        these = "its one question brings" if questions == 1 else f"these {questions} bring"
        return f"{these} it to {evidence_worth(brings_to)}"
    if enough <= 1:
        return "the first question of this drill is enough"
    return f"the first {enough} questions of this drill are enough"


def how_many(count: int, noun: str, *, about: bool = False) -> str:
    return f"{'about ' if about else ''}{count} {noun}{'' if count == 1 else 's'}"


# Topics


def not_enough(counted: int, needed: int = MIN_COUNTED_ANSWERS, of: str = "answers") -> str:
    """What stands in place of an estimate: "Not enough evidence yet: 5 of 8 answers."."""
    return f"Not enough evidence yet: {counted} of {needed} {of}."


def probability_phrase(p_weak: float, target: float = DEFAULT_TARGET) -> str:
    """Where the candidate stands, in words fit for the probability: "probably below your 70% target"."""
    if p_weak >= VERY_LIKELY:
        return f"very likely below your {whole_percent(target)} target"
    if p_weak >= PROBABLY:
        return f"probably below your {whole_percent(target)} target"
    if 1 - p_weak >= VERY_LIKELY:
        return f"very likely at or above your {whole_percent(target)} target"
    if 1 - p_weak >= PROBABLY:
        return f"probably at or above your {whole_percent(target)} target"
    return "could be either side of your target"


def expected_score_phrase(estimate: Estimate, evidence: float, level: str) -> str:
    """The estimate with its range and its evidence; only for a topic that has enough of it.

    "about 50% expected on a typical intermediate question (80% range 33–67%), from about 6 recent answers"
    """
    return (
        f"about {whole_percent(estimate.mastery)} expected on a typical {level} question "
        f"(80% range {percent_range(estimate.low, estimate.high)}), from {about_answers(evidence)}"
    )


def topic_sentence(topic: str, estimate: Estimate, evidence: float, level: str, target: float = DEFAULT_TARGET) -> str:
    """One topic of the report that has the evidence of a label, in words."""
    return (
        f"{topic}: {expected_score_phrase(estimate, evidence, level)}; {probability_phrase(estimate.p_weak, target)}."
    )


def self_graded_banner(self_graded: int, counted: int) -> str:
    """The warning above a report that rests mostly on the candidate's own grading; else empty."""
    return "Most of this rests on your own grading." if 2 * self_graded > counted else ""


# Trend, pacing, confidence


def trend_sentence(trend: Trend | None) -> str:
    if trend is None:
        return (
            f"We can’t see a trend yet: it takes {MIN_ATTEMPTS} first attempts, "
            f"on {MIN_DAYS} days, over {MIN_SPAN.days} days."
        )
    basis = f"from {trend.count} first attempts over {trend.span_days} days"
    if trend.direction == Direction.NO_CLEAR_TREND:
        return f"No clear trend, {basis}. That is not “no progress”: trends need months to show."
    low, high = (_signed(bound) for bound in outward(trend.points_low / 100, trend.points_high / 100))
    change = f"{_points(trend.points / 100)} in 30 days (80% range {low} to {high}), {basis}."
    if trend.direction == Direction.DECLINING:
        return f"Declining: down about {change} The levels above follow a fast decline only in part."
    return f"Improving: up about {change} The levels above follow a fast improvement only in part."


def pacing_sentence(pace: pacing.Pacing) -> str:
    if pace.verdict == pacing.Verdict.NOT_ENOUGH_EVIDENCE:
        return not_enough(pace.count, pacing.SHOWN_FROM, "timed answers")
    bound = "at least" if pace.is_lower_bound else "about"
    verdict = {
        pacing.Verdict.SLOW: "very likely slower than usual",
        pacing.Verdict.FAST: "very likely faster than usual",
        pacing.Verdict.UNCLEAR: "not clearly slower or faster than usual",
    }[pace.verdict]
    return (
        f"You take {bound} {whole_percent(pace.ratio)} of the usual time "
        f"(80% range {percent_range(pace.low, pace.high)}), from {pace.count} timed answers: {verdict}."
    )


def timeouts_sentence(pace: pacing.Pacing) -> str:
    return (
        f"Time ran out on {pace.timeout_count} of {pace.count} timed answers "
        f"(80% range of the share {percent_range(pace.timeouts.low, pace.timeouts.high)})."
    )


def quadrant(name: str) -> str:
    """One of the four counts, as it is shown. What is not quick is called slow: the usual time or more."""
    return name.replace("not quick, and", "slow and").capitalize()


def gap_sentence(gap: confidence.Gap) -> str:
    """Stated against scored; a difference only by the rule of `confidence.gap`, never as a judgement."""
    if gap.verdict == confidence.Verdict.NOT_ENOUGH_EVIDENCE:
        return not_enough(gap.count, confidence.GAP_FROM, "answers with a stated confidence")
    basis = (
        f"{how_many(gap.count, 'answer')}: you said {whole_percent(gap.mean_confidence)} on average "
        f"and scored {whole_percent(gap.mean_score)}."
    )
    if gap.verdict == confidence.Verdict.OVERCONFIDENT:
        low, high = outward(gap.low, gap.high)
        return f"{basis} You stated {_points(gap.raw)} more than you scored (80% range {low}–{high})."
    if gap.verdict == confidence.Verdict.UNDERCONFIDENT:
        low, high = outward(-gap.high, -gap.low)
        return f"{basis} You stated {_points(gap.raw)} less than you scored (80% range {low}–{high})."
    if gap.low < 0 < gap.high:
        return f"{basis} A gap this size often comes by chance with {how_many(gap.count, 'answer')}."
    return f"{basis} That does not show a difference of more than 5 points."


def _points(share: float) -> str:
    """A difference without its sign, in whole percentage points."""
    points = round(abs(100 * share))
    if points < 1:
        return "less than 1 point"
    return f"{points} point{'' if points == 1 else 's'}"


def _signed(number: int) -> str:
    return f"−{-number}" if number < 0 else f"{number}"


# What changed

ABOUT_CHANCE = "About 1 topic in 10 moves as far by chance alone."


def day(moment: date) -> str:
    """As "12 May": comparisons reach back some weeks."""
    return f"{moment:%-d %b}"


def change_sentence(topic: str, change: dict, since: date) -> str:
    """One topic of `changes_data`."""
    count = change["new_answers"]
    if change["kind"] == Kind.FIRST_ESTIMATE:
        return f"{topic}: first estimate, by {how_many(count, 'new answer')}."
    if not count:
        return f"{topic}: no new answers since {day(since)}."
    if change["kind"] == Kind.NOT_CLEAR:
        return f"{topic}: no clear change since {day(since)}, by {how_many(count, 'new answer')}."
    most = listed([f"“{title}”" for title in change["questions"]])
    return (
        f"{topic}: {'clearly ' if change['is_clear'] else ''}{change['kind']} from about "
        f"{whole_percent(change['before'])} to about {whole_percent(change['after'])} since {day(since)} "
        f"(80% range now {percent_range(change['low'], change['high'])}), by {how_many(count, 'new answer')}"
        f"{f', most by {most}' if most else ''}."
    )


def overall_change(overall: str | None, since: date) -> str:
    """Empty where there is nothing to say of all topics together."""
    if overall is None:
        return ""
    found = "better" if overall == "better" else "less good"
    return f"Over all topics your new answers were {found} than this report would have expected on {day(since)}."


def change_note(change: dict, since: date) -> str:
    """Why the earlier report stated another number than this one starts from; empty where it did not."""
    if change["said"] is None:
        return ""
    causes = listed([_cause(cause) for cause in change["causes"]])
    return f"The report of {day(since)} said {whole_percent(change['said'])}: since then {causes}."


def _cause(cause: str) -> str:
    name, _, count = cause.partition(" ")
    if name == "regraded":
        return f"{how_many(int(count), 'older answer')} {'was' if count == '1' else 'were'} graded anew"
    return {
        "difficulties": "difficulties were estimated anew",
        "level": "you chose another target",
        "model": "the model was improved",
        "faded": "older answers have faded",
    }[name]


def listed(parts: Sequence[str]) -> str:
    """One, two and three as "one, two and three"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


# Own scores


def leniency_sentence(stated: Leniency | None, site: float) -> str:
    """How own scores are taken. `stated`: from 5 pairs; else as is usual on the site, in logits."""
    if stated is None:
        points = round(100 * usual_points(site))
        if not points:
            return "Your own scores are taken as they are, as is usual here."
        kind = "too kind" if points > 0 else "too strict"
        return f"Your own scores are taken as about {_points(points / 100)} {kind}, as is usual here."
    basis = f"from {how_many(stated.pairs, 'answer')}"
    if stated.verdict == Verdict.UNCLEAR:
        return f"Your own scores and your coach’s do not clearly differ, {basis}."
    is_above = stated.verdict == Verdict.ABOVE
    low, high = outward(stated.low, stated.high) if is_above else outward(-stated.high, -stated.low)
    return (
        f"You score yourself about {_points(stated.points)} {stated.verdict} your coach (80% range {_signed(low)} to "
        f"{_signed(high)}), {basis}. The report {'takes that off' if is_above else 'adds that'}."
    )


# Tracks

POINTS_ONLY = "Points, not a chance to pass: what a company asks for is not known here."


def track_sentence(track: dict) -> str:
    """One track of `tracks_data`."""
    name = track["name"]
    if track["state"] == "few answers":
        return f"{name}: not enough evidence yet: {track['answers']} of {MIN_TRACK_ANSWERS} answers."
    if track["state"] == "little known":
        return (
            f"{name}: not enough evidence yet: {whole_percent(track['share'])} of it is in topics you have answered "
            f"({whole_percent(MIN_TRACK_SHARE)} needed)."
        )
    if track["state"] == "too wide":
        points = math.ceil(100 * track["width"])
        return f"{name}: not enough evidence yet: the range would still be {points} points wide."
    low, high = math.floor(20 * track["sitting_low"]) * 5, math.ceil(20 * track["sitting_high"]) * 5
    return (
        f"{name}: about {whole_percent(track['score'])} of the points expected "
        f"(80% range {percent_range(track['low'], track['high'])}), from {track['answers']} counted answers. "
        f"One sitting of {how_many(track['questions'], 'question')} varies more: most lie between {low}% and {high}%."
    )


# Wrong answers and beliefs


def underrated(count: int) -> str:
    return f"Right, and you were 60% sure or less: you know more than you thought ({count})"


def misses(count: int) -> str:
    return f"All wrong answers you were sure about or that showed a misconception, with what they missed ({count})"


# Practice


def measuring_reason(
    topic: str, label: Label, evidence: float, *, has_estimates: bool, is_new: bool, target: float
) -> str:
    """Why a question that counts was chosen: one fact, and no more than the report itself says."""
    goal = f"your {whole_percent(target)} target"
    if not evidence > 0:
        return f"{topic}: {NOT_TESTED}."
    if evidence < MIN_TOPIC_EVIDENCE or not has_estimates:
        of = f" of {MIN_TOPIC_EVIDENCE}" if evidence < MIN_TOPIC_EVIDENCE else ""
        return f"{topic}: evidence worth {evidence_worth(evidence)}{of} answers so far."
    if label in (Label.WEAK, Label.PROBABLY_WEAK):
        likely = "very likely" if label == Label.WEAK else "probably"
        return f"{topic}: {likely} below {goal}{'; this question is new to you' if is_new else ''}."
    if label in (Label.ON_TARGET, Label.PROBABLY_ON_TARGET):
        likely = "very likely" if label == Label.ON_TARGET else "probably"
        return f"{topic}: {likely} at or above {goal}; one more makes it more certain."
    return f"{topic}: could be either side of {goal}."


def review_reason(days: int, recalled: float, *, counts: bool) -> str:
    """Why an answered question comes back."""
    still = "" if counts else "; does not count in the report"
    return f"Review: last answered {_days_ago(days)}, recalled with about {whole_percent(recalled)} today{still}."


def drill_counts(counting: int, questions: int) -> str:
    """How much of a drill is a measurement."""
    if counting == questions:
        return f"All {questions} count in the report."
    if not counting:
        return f"None of these {questions} count in the report, because you answered them recently."
    verb = "counts" if counting == 1 else "count"
    return f"{counting} of these {questions} {verb} in the report; you answered the others recently."


def _days_ago(days: int) -> str:
    if days < 1:
        return "today"
    return f"{days} day{'' if days == 1 else 's'} ago"
