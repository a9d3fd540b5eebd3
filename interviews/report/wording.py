"""The report's words: numbers into sentences that claim no more than the numbers carry. No Django.

A number never stands without its range and its evidence; percentages are whole and ranges are rounded outwards;
there are no ranks, no comparison with other people and no judging words.
"""

import math

from interviews.report.statistics import confidence, pacing
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
from questions.statistics import Z80

NOT_TESTED = "not tested yet"
WITHIN_NOISE = "within the noise"

LABEL_NAMES = {
    Label.WEAK: "Weak",
    Label.PROBABLY_WEAK: "Probably weak",
    Label.UNCLEAR: "Unclear",
    Label.PROBABLY_ON_TARGET: "Probably on target",
    Label.ON_TARGET: "On target",
    Label.NOT_ENOUGH_EVIDENCE: "Not enough evidence yet",
}
LABEL_ORDER = {label: position for position, label in enumerate(LABEL_NAMES)}  # the report's groups, in order


# Numbers


def whole_percent(share: float) -> str:
    """0.498 as "50 %"."""
    return f"{round(100 * share)} %"


def outward(low: float, high: float) -> tuple[int, int]:
    """A range of shares in whole percents, rounded outwards: 0.332 to 0.668 is (33, 67)."""
    # Nine digits first: 100 * 0.07 is 7.000000000000001, which must stay 7.
    return math.floor(round(100 * low, 9)), math.ceil(round(100 * high, 9))


def percent_range(low: float, high: float) -> str:
    """0.332 to 0.668 as "33–67 %"; a range that reaches below 0 as "−5 to 23 %"."""
    first, last = outward(low, high)
    return f"{first}–{last} %" if first >= 0 else f"{_signed(first)} to {_signed(last)} %"


def about_answers(evidence: float) -> str:
    """Evidence as "about 6 recent answers"; never as many as an estimate takes where it is less."""
    count = math.floor(evidence) if round(evidence) == MIN_TOPIC_EVIDENCE > evidence else round(evidence)
    if count < 1:
        return "less than 1 recent answer"
    return f"about {count} recent answer{'' if count == 1 else 's'}"


def answers_missing(evidence: float) -> int:
    """How many fresh answers a topic still needs, at the least, before it gets a label; 0 when it has them."""
    return max(0, math.ceil(MIN_TOPIC_EVIDENCE - evidence))


# Topics


def not_enough(counted: int, needed: int = MIN_COUNTED_ANSWERS, of: str = "answers") -> str:
    """What stands in place of an estimate: "Not enough evidence yet: 5 of 8 answers."."""
    return f"Not enough evidence yet: {counted} of {needed} {of}."


def probability_phrase(p_weak: float, target: float = DEFAULT_TARGET) -> str:
    """Where the candidate stands, in words fit for the probability: "probably below your 70 % target"."""
    if p_weak >= VERY_LIKELY:
        return f"very likely below your {whole_percent(target)} target"
    if p_weak >= PROBABLY:
        return f"probably below your {whole_percent(target)} target"
    if 1 - p_weak >= VERY_LIKELY:
        return f"very likely at or above your {whole_percent(target)} target"
    if 1 - p_weak >= PROBABLY:
        return f"probably at or above your {whole_percent(target)} target"
    return "could be either side of your target"


def label_name(label: Label, evidence: float) -> str:
    """A label for the page; a topic without any evidence is "Not tested yet", whatever its label."""
    return LABEL_NAMES[label] if evidence > 0 else NOT_TESTED.capitalize()


def expected_score_phrase(estimate: Estimate, evidence: float, level: str) -> str:
    """The estimate with its range and its evidence; only for a topic that has enough of it.

    "about 50 % expected on a typical intermediate question (80 % range 33–67 %), from about 6 recent answers"
    """
    return (
        f"about {whole_percent(estimate.mastery)} expected on a typical {level} question "
        f"(80 % range {percent_range(estimate.low, estimate.high)}), from {about_answers(evidence)}"
    )


def topic_sentence(topic: str, estimate: Estimate, evidence: float, level: str, target: float = DEFAULT_TARGET) -> str:
    """One topic of the report in words, with no estimate below the evidence that a label needs."""
    if not evidence > 0:
        return f"{topic}: {NOT_TESTED}."
    if estimate.label == Label.NOT_ENOUGH_EVIDENCE:
        missing = answers_missing(evidence)
        return (
            f"{topic}: not enough evidence yet, from {about_answers(evidence)}; "
            f"at least {missing} more answer{'' if missing == 1 else 's'} needed."
        )
    return (
        f"{topic}: {expected_score_phrase(estimate, evidence, level)}; {probability_phrase(estimate.p_weak, target)}."
    )


def self_graded_banner(self_graded: int, counted: int) -> str:
    """The warning above a report that rests mostly on the candidate's own grading; else empty."""
    return "Most of this rests on your own grading." if 2 * self_graded > counted else ""


def change_phrase(before: Estimate, after: Estimate) -> str:
    """How a topic's range moved between two reports: stated when its midpoint moved by more than one sd.

    The sd of the difference is sqrt(sd1^2 + sd2^2), each sd half an 80 % range / 1.2816.
    """
    moved = (after.low + after.high - before.low - before.high) / 2
    sd = math.hypot(after.high - after.low, before.high - before.low) / 2 / Z80
    if abs(moved) <= sd:
        return WITHIN_NOISE
    return f"{'up' if moved > 0 else 'down'} by {_points(moved)}, from {_range(before)} to {_range(after)}"


def _range(estimate: Estimate) -> str:
    return percent_range(estimate.low, estimate.high)


# Trend, pacing, confidence


def trend_sentence(trend: Trend | None) -> str:
    if trend is None:
        return (
            f"No trend can be stated yet: it takes {MIN_ATTEMPTS} first attempts, "
            f"on {MIN_DAYS} days, over {MIN_SPAN.days} days."
        )
    basis = f"from {trend.count} first attempts over {trend.span_days} days"
    if trend.direction == Direction.NO_CLEAR_TREND:
        return f"No clear trend, {basis}. That is not “no progress”: trends need months to show."
    low, high = (_signed(bound) for bound in outward(trend.points_low / 100, trend.points_high / 100))
    change = f"{_points(trend.points / 100)} in 30 days (80 % range {low} to {high}), {basis}."
    if trend.direction == Direction.DECLINING:
        return f"Declining: down about {change}"
    return f"Improving: up about {change} The levels above lag behind a fast improvement."


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
        f"(80 % range {percent_range(pace.low, pace.high)}), from {pace.count} timed answers: {verdict}."
    )


def timeouts_sentence(pace: pacing.Pacing) -> str:
    return (
        f"Time ran out on {pace.timeout_count} of {pace.count} timed answers "
        f"(80 % range of the share {percent_range(pace.timeouts.low, pace.timeouts.high)})."
    )


def gap_sentence(gap: confidence.Gap) -> str:
    """Stated against scored; a difference only by the rule of `confidence.gap`, never as a judgement."""
    if gap.verdict == confidence.Verdict.NOT_ENOUGH_EVIDENCE:
        return not_enough(gap.count, confidence.GAP_FROM, "answers with a stated confidence")
    basis = (
        f"{gap.count} answers: you said {whole_percent(gap.mean_confidence)} on average "
        f"and scored {whole_percent(gap.mean_score)}."
    )
    if gap.verdict == confidence.Verdict.OVERCONFIDENT:
        low, high = outward(gap.low, gap.high)
        return f"{basis} You stated {_points(gap.raw)} more than you scored (80 % range {low}–{high})."
    if gap.verdict == confidence.Verdict.UNDERCONFIDENT:
        low, high = outward(-gap.high, -gap.low)
        return f"{basis} You stated {_points(gap.raw)} less than you scored (80 % range {low}–{high})."
    if gap.low < 0 < gap.high:
        return f"{basis} A gap this size often comes by chance with {gap.count} answers."
    return f"{basis} That does not show a difference of more than 5 points."


def _points(share: float) -> str:
    """A difference without its sign, in whole percentage points."""
    points = round(abs(100 * share))
    if points < 1:
        return "less than 1 point"
    return f"{points} point{'' if points == 1 else 's'}"


def _signed(number: int) -> str:
    return f"−{-number}" if number < 0 else f"{number}"


# Two reports


def comparison_notes(earlier: dict, newer: dict) -> list[str]:
    """What besides the answers makes two reports' data differ; each "level", "target" and version as stored."""
    is_same = earlier["answers_version"] == newer["answers_version"]
    notes = []
    if earlier["difficulty_snapshot"] != newer["difficulty_snapshot"]:
        notes.append(
            "Your answers are the same in both reports: only the questions’ difficulties were estimated anew."
            if is_same
            else "The questions’ difficulties were estimated anew in between: part of a change may come from that."
        )
    if earlier["model_version"] != newer["model_version"]:
        notes.append(
            "Your answers are the same in both reports: only the model’s version changed."
            if is_same
            else "The model’s version changed in between: part of a change may come from that."
        )
    if is_same and not notes:
        notes.append("Your answers are the same in both reports.")
    return notes


# Wrong answers and beliefs


def underrated(count: int) -> str:
    return f"Right, and you were 60 % sure or less: you know more than you thought ({count})"


def misses(count: int) -> str:
    return f"All wrong answers that were sure or showed a belief, with what they lacked ({count})"


# Practice


def practice_reason(
    reason: str, topic: str, *, p_weak: float, evidence: float, target: float, recalled: float | None, days: int | None
) -> str:
    """Why a question was chosen. `reason`: practice.Reason; `recalled` and `days` since it was seen, for "fading"."""
    if reason == "fading":
        return f"Fading: last answered {_days_ago(days)}, recalled with about {whole_percent(recalled)} today."
    if reason == "untested":
        tested = NOT_TESTED if not evidence > 0 else f"{about_answers(evidence)} only"
        return f"{topic}: {tested}."
    return f"{topic}: {probability_phrase(p_weak, target)}; an answer here tells much."


def _days_ago(days: int) -> str:
    if days < 1:
        return "today"
    return f"{days} day{'' if days == 1 else 's'} ago"
