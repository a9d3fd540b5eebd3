"""A stored report's data, whichever version of the model wrote it: what may leave it, and its fit once more.

Version 1 knew no leniency and no age, so that both read as 0, and stored estimates that nobody was shown.
"""

from collections.abc import Iterable

from interviews.report.statistics.fitting import DEFAULT_PRIOR, Evidence, Fit, Prior, fit_joint
from interviews.report.statistics.leniency import Pairs, candidate_prior
from interviews.report.statistics.weakness import MIN_COUNTED_ANSWERS, Label

# What a topic without enough evidence has none of, anywhere.
ESTIMATES = ("mean", "variance", "mastery", "low", "high", "p_weak")


def has_estimates(data: dict) -> bool:
    return data["basis"]["counted"] >= MIN_COUNTED_ANSWERS


def gated(topic: dict, counted: int) -> dict:
    """A row of `topics` as it may leave: below the gates it carries no estimate, and no label but that."""
    if counted >= MIN_COUNTED_ANSWERS and topic["label"] != Label.NOT_ENOUGH_EVIDENCE:
        return topic
    return topic | dict.fromkeys(ESTIMATES) | {"label": Label.NOT_ENOUGH_EVIDENCE.value}


def let_out(data: dict) -> dict:
    """The data as JSON and exports may carry it."""
    return data | {"topics": [gated(topic, data["basis"]["counted"]) for topic in data["topics"]]}


def site_prior(constants: dict) -> Prior:
    """The prior of everybody on the site, when the report was compiled."""
    return Prior(
        mean=constants["prior_mean"],
        general_sd=constants["prior_general_sd"],
        topic_sd=constants["prior_topic_sd"],
        leniency_mean=constants.get("leniency_mean", 0.0),
        leniency_sd=constants.get("leniency_sd", DEFAULT_PRIOR.leniency_sd),
        slope_mean=constants.get("slope_mean", DEFAULT_PRIOR.slope_mean),
        slope_sd=constants.get("slope_sd", DEFAULT_PRIOR.slope_sd),
    )


def pairs_of(data: dict) -> Pairs:
    return Pairs(**data["pairs"]) if "pairs" in data else Pairs()


def evidence_of(data: dict) -> list[Evidence]:
    return [
        Evidence(
            row["topic_weights"],
            row["difficulty"],
            row["score"],
            row["weight"],
            row.get("self_share", 0.0),
            row.get("age", 0.0),
        )
        for row in data["evidence"]
    ]


def fit_of(data: dict, topics: Iterable[str] = ()) -> Fit:
    """As it was when the report was compiled, for the topics of its evidence and these."""
    evidence = evidence_of(data)
    named = {topic for item in evidence for topic in item.topic_weights}
    return fit_joint(
        evidence, sorted(named.union(topics)), candidate_prior(pairs_of(data), site_prior(data["constants"]))
    )
