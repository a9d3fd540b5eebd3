"""Draw the plots of the questions: `python questions/catalog/figures/draw.py [NAME …]`, with matplotlib installed.

matplotlib is a tool of whoever draws (`pip install -e '.[figures]'`); the site and its tests do without. The same
version draws the same bytes. Whatever a question asks can be read from its plot, and is worked out here from the same
data: `ANSWERS`, which a test holds against the catalog.
"""

import argparse
import io
import math
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

FOLDER = Path(__file__).parent
BLUE, ORANGE, GREY, INK, PAPER = "#0072B2", "#D55E00", "#8a8a8a", "#222222", "#ffffff"
STYLE = {
    "figure.figsize": (4.0, 3.2),  # on a phone 350 pixels wide: 10 points are about 12 pixels there
    "figure.dpi": 200,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "font.size": 10,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 2,
}
COLOURS = 48  # of the file: a palette makes it a third as large

# What is drawn. Every number that a question needs lies on a grid line or is written beside its mark.

ROC = [(0, 0), (0.02, 0.45), (0.05, 0.65), (0.1, 0.8), (0.2, 0.9), (0.4, 0.97), (1, 1)]
ROC_MARK, FRAUD_SHARE = (0.1, 0.8), 0.02

CROSSING_A = [(0, 0), (0.05, 0.6), (0.1, 0.66), (0.25, 0.78), (0.5, 0.88), (1, 1)]
CROSSING_B = [(0, 0), (0.05, 0.27), (0.1, 0.48), (0.25, 0.78), (0.5, 0.97), (1, 1)]
CROSSING_LIMIT = 0.05

PRECISION_RECALL = [(0, 1), (0.1, 0.95), (0.2, 0.85), (0.3, 0.74), (0.4, 0.62), (0.5, 0.51), (0.6, 0.4), (0.7, 0.3),
                    (0.8, 0.2), (0.9, 0.1), (1, 0.02)]  # fmt: skip
PRECISION_RECALL_MARK, FRAUDS = (0.6, 0.4), 400

SIZES = [500, 1000, 2000, 4000, 8000, 16000]
TRAINING_ERROR = [0.12, 0.155, 0.18, 0.195, 0.202, 0.205]
VALIDATION_ERROR = [0.32, 0.275, 0.25, 0.235, 0.228, 0.225]
TARGET_ERROR = 0.1

DEPTHS = list(range(1, 11))
TREE_ERROR = [0.31, 0.262, 0.228, 0.211, 0.197, 0.194, 0.192, 0.195, 0.206, 0.214]
TREE_TRAINING_ERROR = [0.305, 0.252, 0.212, 0.182, 0.156, 0.13, 0.104, 0.08, 0.058, 0.04]
STANDARD_ERROR = 0.01

ANIMALS = ["cat", "dog", "fox"]
COUNTS = [[90, 8, 2], [15, 80, 5], [6, 4, 10]]  # a row for each actual class

EPOCHS = list(range(1, 31))
TRAINING_LOSS = [0.72 * math.exp(-epoch / 8) + 0.03 for epoch in EPOCHS]
VALIDATION_LOSS = [0.62 * math.exp(-epoch / 4) + 0.3 + 0.014 * max(0, epoch - 6) for epoch in EPOCHS]
VALIDATION_ACCURACY = [0.915 - 0.22 * math.exp(-epoch / 6) for epoch in EPOCHS]

RELIABILITY = [(0.2, 0.15, 400), (0.4, 0.3, 300), (0.6, 0.45, 200), (0.8, 0.6, 100)]  # predicted, observed, cases

CLUSTERS = list(range(2, 11))
INERTIA = [100, 78, 58, 50, 44, 39, 35, 32, 29.5]
SILHOUETTE = [0.46, 0.38, 0.44, 0.36, 0.33, 0.31, 0.29, 0.28, 0.27]

LAYERS = list(range(1, 13))
GRADIENT_NORMS = [10 ** (-1 - 0.5 * (12 - layer)) for layer in LAYERS]

DAYS = list(range(1, 15))
P_VALUES = [0.62, 0.35, 0.12, 0.03, 0.04, 0.09, 0.17, 0.22, 0.15, 0.27, 0.38, 0.29, 0.34, 0.31]

IMPORTANCE = {  # accuracy lost when the column is shuffled: on training rows, on test rows
    "device_hash": (0.15, 0.0),
    "visits": (0.12, 0.11),
    "age": (0.06, 0.05),
    "income": (0.01, 0.01),
    "income_last_year": (0.01, 0.01),
}


def one_standard_error_depth() -> int:
    """The shallowest tree that is at most a standard error worse than the best."""
    bound = min(TREE_ERROR) + STANDARD_ERROR
    return next(depth for depth, error in zip(DEPTHS, TREE_ERROR, strict=True) if error <= bound)


def area(curve: list[tuple[float, float]]) -> float:
    """Under straight lines from point to point."""
    return sum((x - before) * (y + height) / 2 for (before, height), (x, y) in pairwise(curve))


ANSWERS = {
    "figure-roc-precision": 100 * ROC_MARK[1] * FRAUD_SHARE
    / (ROC_MARK[1] * FRAUD_SHARE + ROC_MARK[0] * (1 - FRAUD_SHARE)),
    "figure-alerts-per-month": FRAUDS * PRECISION_RECALL_MARK[0] / PRECISION_RECALL_MARK[1],
    "figure-macro-recall": 100 * sum(row[place] / sum(row) for place, row in enumerate(COUNTS)) / len(COUNTS),
    "figure-calibration-error": 100
    * sum(cases * abs(predicted - observed) for predicted, observed, cases in RELIABILITY)
    / sum(cases for _, _, cases in RELIABILITY),
    "figure-depth-by-one-standard-error": one_standard_error_depth(),
}  # fmt: skip


def roc(plt):
    _, axes = plt.subplots()
    unit_square(axes, "False positive rate", "True positive rate (recall)")
    axes.plot([0, 1], [0, 1], "--", color=GREY, linewidth=1.2)
    axes.plot(*zip(*ROC, strict=True), color=BLUE)
    axes.plot(*ROC_MARK, "o", color=ORANGE, markersize=9)
    axes.annotate("in use", ROC_MARK, xytext=(0.17, 0.72))
    axes.text(0.62, 0.53, "chance", color="#5f5f5f")


def crossing_roc(plt):
    _, axes = plt.subplots()
    unit_square(axes, "Share of good messages flagged", "Share of spam flagged")
    axes.axvline(CROSSING_LIMIT, color=GREY, linestyle=":", linewidth=1.6)
    axes.plot(*zip(*CROSSING_A, strict=True), color=BLUE)
    axes.plot(*zip(*CROSSING_B, strict=True), "--", color=ORANGE)
    axes.text(0.07, 0.69, "A", color=BLUE, weight="bold")
    axes.text(0.36, 0.9, "B", color=ORANGE, weight="bold")
    axes.text(0.07, 0.05, "limit: 0.05")


def precision_recall(plt):
    _, axes = plt.subplots()
    unit_square(axes, "Recall", "Precision")
    axes.plot(*zip(*PRECISION_RECALL, strict=True), color=BLUE)
    axes.plot(*PRECISION_RECALL_MARK, "o", color=ORANGE, markersize=9)
    axes.annotate("in use", PRECISION_RECALL_MARK, xytext=(0.64, 0.43))


def learning_curves(plt):
    _, axes = plt.subplots()
    axes.set_xscale("log", base=2)
    axes.set_xticks(SIZES, ["500", "1k", "2k", "4k", "8k", "16k"])
    axes.set_ylim(0, 0.35)
    axes.set_yticks([0, 0.1, 0.2, 0.3], ["0%", "10%", "20%", "30%"])
    axes.set(xlabel="Training cases", ylabel="Error")
    axes.axhline(TARGET_ERROR, color=INK, linestyle="--", linewidth=1.2)
    axes.plot(SIZES, TRAINING_ERROR, "s-", color=BLUE)
    axes.plot(SIZES, VALIDATION_ERROR, "o-", color=ORANGE)
    axes.text(1000, 0.285, "validation", color="#a84900")
    axes.text(1000, 0.128, "training", color=BLUE)
    axes.text(8000, 0.075, "target")


def validation_curve(plt):
    _, axes = plt.subplots(figsize=(4.0, 3.8))
    axes.set_xticks(DEPTHS)
    axes.set_ylim(0.12, 0.33)
    axes.set_yticks([0.15, 0.2, 0.25, 0.3], ["15%", "20%", "25%", "30%"])
    axes.set(xlabel="Depth of the tree", ylabel="Error")
    axes.axhline(min(TREE_ERROR) + STANDARD_ERROR, color=INK, linestyle=":", linewidth=1.2)
    axes.plot(DEPTHS, TREE_TRAINING_ERROR, "s-", color=BLUE, markersize=4)
    axes.errorbar(DEPTHS, TREE_ERROR, yerr=STANDARD_ERROR, fmt="o-", color=ORANGE, markersize=5, capsize=3)
    axes.text(4.4, 0.235, "cross-validation,\n± 1 standard error", color="#a84900")
    axes.text(2.1, 0.17, "training", color=BLUE)


def residuals(plt):
    chance = random.Random(11)  # noqa: S311
    fitted = [chance.uniform(0, 10) for _ in range(220)]
    left = [0.16 * (value - 5) ** 2 - 1.4 + chance.gauss(0, 0.25 + 0.16 * value) for value in fitted]
    _, axes = plt.subplots()
    axes.set(xlabel="Fitted value", ylabel="Residual")
    axes.axhline(0, color=INK, linewidth=1.2)
    axes.plot(fitted, left, "o", color=BLUE, markersize=3, alpha=0.7, markeredgewidth=0)


def confusion(plt):
    _, axes = plt.subplots()
    axes.grid(visible=False)
    axes.imshow([[count / sum(row) for count in row] for row in COUNTS], cmap="Blues", vmin=0, vmax=1.1)
    axes.set_xticks(range(3), ANIMALS)
    axes.set_yticks(range(3), ANIMALS)
    axes.set(xlabel="Predicted", ylabel="Actual")
    for row, counts in enumerate(COUNTS):
        for column, count in enumerate(counts):
            colour = "white" if count / sum(counts) > 0.6 else INK
            axes.text(column, row, count, ha="center", va="center", color=colour, size=13)


def loss_and_accuracy(plt):
    _, (upper, lower) = plt.subplots(2, sharex=True, figsize=(4.0, 3.8))
    upper.plot(EPOCHS, TRAINING_LOSS, "--", color=BLUE)
    upper.plot(EPOCHS, VALIDATION_LOSS, color=ORANGE)
    upper.set_ylim(0, 0.9)
    upper.set(ylabel="Log loss")
    upper.text(20, 0.62, "validation", color="#a84900")
    upper.text(20, 0.13, "training", color=BLUE)
    lower.plot(EPOCHS, VALIDATION_ACCURACY, color=ORANGE)
    lower.set_ylim(0.7, 0.95)
    lower.set_yticks([0.7, 0.8, 0.9], ["70%", "80%", "90%"])
    lower.set(xlabel="Epoch", ylabel="Accuracy")
    lower.text(20, 0.85, "validation", color="#a84900")


def learning_rates(plt):
    epochs = [step / 4 for step in range(81)]
    # Each ends as its label says; the step at which B leaves the picture is about the sixth epoch.
    curves = {
        "A": ([0.2 + 1.8 * math.exp(-epoch / 4) for epoch in epochs], "-", BLUE, (17.5, 0.29)),
        "B": ([1.4 + 0.6 * math.exp(epoch / 5) - 0.05 * epoch for epoch in epochs], "--", ORANGE, (8.2, 3.6)),
        "C": ([2.0 - 0.03 * epoch for epoch in epochs], "-.", INK, (17.5, 1.62)),
        "D": ([0.8 + 1.2 * math.exp(-epoch / 1.2) for epoch in epochs], ":", "#7a3b86", (17.5, 0.88)),
    }
    _, axes = plt.subplots()
    axes.set_ylim(0, 4)
    axes.set_xlim(0, 20)
    axes.set_xticks(range(0, 21, 5))
    axes.set(xlabel="Epoch", ylabel="Training loss")
    for name, (values, line, colour, place) in curves.items():
        axes.plot(epochs, values, line, color=colour)
        axes.text(*place, name, color=colour, weight="bold")


def reliability(plt):
    _, axes = plt.subplots()
    unit_square(axes, "Mean predicted probability", "Observed share")
    axes.plot([0, 1], [0, 1], "--", color=GREY, linewidth=1.2)
    for predicted, observed, cases in RELIABILITY:
        axes.bar(predicted, observed, width=0.16, color="#9cc4de", edgecolor=BLUE)
        axes.text(predicted, observed - 0.08, f"{observed:.2f}", ha="center")
        axes.text(predicted, 0.01, f"n={cases}", ha="center", size=8)
    axes.text(0.3, 0.52, "perfect\ncalibration", color="#5f5f5f", size=9)


def elbow_and_silhouette(plt):
    _, (upper, lower) = plt.subplots(2, sharex=True, figsize=(4.0, 3.8))
    upper.plot(CLUSTERS, INERTIA, "o-", color=BLUE)
    upper.set_ylim(0, 110)
    upper.set(ylabel="Inertia")
    lower.plot(CLUSTERS, SILHOUETTE, "s-", color=ORANGE)
    lower.set_ylim(0.2, 0.5)
    lower.set_yticks([0.2, 0.3, 0.4, 0.5])
    lower.set_xticks(CLUSTERS)
    lower.set(xlabel="Number of clusters", ylabel="Mean silhouette")


def partial_dependence(plt):
    chance = random.Random(5)  # noqa: S311
    discounts = list(range(31))
    lines = []
    for place in range(30):
        height, slope = chance.gauss(0.5, 0.03), (0.2 + chance.uniform(-0.05, 0.05)) * (1 if place % 2 else -1)
        lines.append([height + slope * math.tanh((discount - 15) / 6) for discount in discounts])
    mean = [sum(values) / len(lines) for values in zip(*lines, strict=True)]
    _, axes = plt.subplots()
    axes.set_ylim(0, 1)
    axes.set(xlabel="Discount, %", ylabel="Predicted churn")
    for line in lines:
        axes.plot(discounts, line, color=GREY, linewidth=0.7)
    axes.plot(discounts, mean, color=ORANGE, linewidth=3.5)
    axes.text(7, 0.86, "thin: single customers\nbold: their mean")


def gradient_norms(plt):
    _, axes = plt.subplots()
    axes.set_yscale("log")
    axes.set_xticks(LAYERS)
    axes.set_ylim(1e-8, 1)
    axes.set_yticks([10.0**power for power in range(-8, 1, 2)])
    axes.minorticks_off()
    axes.set(xlabel="Layer (1 is nearest to the input)", ylabel="Norm of the gradient")
    axes.plot(LAYERS, GRADIENT_NORMS, "o-", color=BLUE)


def residual_autocorrelation(plt):
    chance = random.Random(3)  # noqa: S311
    lags = list(range(1, 29))
    weekly = {7: 0.42, 14: 0.33, 21: 0.27, 28: 0.22}
    values = [weekly.get(lag, chance.uniform(-0.07, 0.07)) for lag in lags]
    _, axes = plt.subplots()
    axes.set_ylim(-0.3, 0.6)
    axes.set_xticks([7, 14, 21, 28])
    axes.set(xlabel="Lag, days", ylabel="Autocorrelation of residuals")
    axes.axhline(0, color=INK, linewidth=1.2)
    for bound in (-0.1, 0.1):
        axes.axhline(bound, color=ORANGE, linestyle="--", linewidth=1.2)
    axes.bar(lags, values, width=0.45, color=BLUE)
    axes.text(16, -0.18, "95% bounds of\nwhite noise", color="#a84900", size=9, va="center")


def permutation_importance(plt):
    _, axes = plt.subplots()
    axes.grid(visible=False, axis="y")
    places = range(len(IMPORTANCE))
    training, test = zip(*IMPORTANCE.values(), strict=True)
    axes.barh([place - 0.2 for place in places], training, 0.38, color="#9cc4de", edgecolor=BLUE)
    axes.barh([place + 0.2 for place in places], test, 0.38, color=ORANGE, hatch="///", edgecolor=PAPER)
    for place, pair in zip(places, IMPORTANCE.values(), strict=True):
        for shift, value in zip((-0.2, 0.2), pair, strict=True):
            axes.text(value + 0.003, place + shift, f"{value:.2f}", va="center", size=9)
    axes.set_yticks(places, [name.replace("_last", "\n_last") for name in IMPORTANCE], size=9)
    axes.invert_yaxis()
    axes.set_xlim(0, 0.18)
    axes.set_xticks([0, 0.05, 0.1, 0.15])
    axes.set(xlabel="Accuracy lost when shuffled")
    axes.text(0.085, 3.35, "plain: training rows\nhatched: test rows", size=9)


def p_values(plt):
    _, axes = plt.subplots()
    axes.set_ylim(0, 0.7)
    axes.set_xticks(DAYS)
    axes.set(xlabel="Day of the test", ylabel="p-value so far")
    axes.axhline(0.05, color=INK, linestyle="--", linewidth=1.2)
    axes.plot(DAYS, P_VALUES, "o-", color=BLUE)
    axes.text(11.7, 0.065, "0.05")


def unit_square(axes, across: str, up: str) -> None:
    ticks = [tenth / 10 for tenth in range(11)]
    labels = [f"{tick:.1f}" if place % 2 == 0 else "" for place, tick in enumerate(ticks)]
    axes.set_xticks(ticks, labels)
    axes.set_yticks(ticks, labels)
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel=across, ylabel=up)


FIGURES: dict[str, Callable] = {
    "roc": roc,
    "crossing-roc": crossing_roc,
    "precision-recall": precision_recall,
    "learning-curves": learning_curves,
    "validation-curve": validation_curve,
    "residuals": residuals,
    "confusion": confusion,
    "loss-and-accuracy": loss_and_accuracy,
    "learning-rates": learning_rates,
    "reliability": reliability,
    "elbow-and-silhouette": elbow_and_silhouette,
    "partial-dependence": partial_dependence,
    "gradient-norms": gradient_norms,
    "residual-autocorrelation": residual_autocorrelation,
    "permutation-importance": permutation_importance,
    "p-values": p_values,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", choices=[[], *FIGURES], metavar="NAME")
    names = parser.parse_args().names or list(FIGURES)
    import matplotlib
    from PIL import Image

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    for name in names:
        with plt.rc_context(STYLE):
            FIGURES[name](plt)
            drawn = io.BytesIO()
            plt.savefig(drawn, bbox_inches="tight", pad_inches=0.12)
            plt.close()
        picture = Image.open(drawn).convert("RGB").quantize(COLOURS)
        picture.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
