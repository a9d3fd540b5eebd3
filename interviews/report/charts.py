"""The report's drawings as coordinates for an SVG template; title and description hold their numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from interviews.report import wording

# The drawing's own units: a plot of 400 × 200 with room for the axes' words.
LEFT, TOP, WIDTH, HEIGHT = 48, 12, 400, 200
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the drawing; `text` stands beside an axis, `radius` belongs to a dot."""

    x: float
    y: float
    text: str = ""
    radius: float = 0


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    description: str
    line: str  # "x,y x,y …"
    band: str
    dots: list[Mark]
    x_axis: list[Mark]

    @property
    def frame(self) -> dict:
        return {"left": LEFT, "right": LEFT + WIDTH, "top": TOP, "bottom": TOP + HEIGHT, "below": TOP + HEIGHT + 20}

    @property
    def y_axis(self) -> list[Mark]:
        return [Mark(LEFT, height(score), wording.whole_percent(score)) for score in QUARTERS]


def height(score: float) -> float:
    return round(TOP + HEIGHT * (1 - score), 1)


def path(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def trend_chart(plot: dict, compiled_at: datetime) -> Chart:
    """`plot`: trend.TrendPlot as stored."""
    line, sittings = plot["line"], plot["sittings"]
    oldest, newest = line[0]["days_ago"], line[-1]["days_ago"]

    def x(days_ago: float) -> float:
        return LEFT + WIDTH * (oldest - days_ago) / (oldest - newest)

    def day(days_ago: float) -> str:
        return f"{compiled_at - timedelta(days=days_ago):%-d %b}"

    lows = [(x(point["days_ago"]), height(point["low"])) for point in line]
    highs = [(x(point["days_ago"]), height(point["high"])) for point in line]
    ends = [
        f"{wording.whole_percent(point['score'])} on {day(point['days_ago'])} "
        f"(80% range {wording.percent_range(point['low'], point['high'])})"
        for point in (line[0], line[-1])
    ]
    dots = ", ".join(f"{wording.whole_percent(dot['score'])} about {day(dot['days_ago'])}" for dot in sittings)
    return Chart(
        title="Expected score over time",
        description=f"The line goes from {ends[0]} to {ends[1]}. Scores, adjusted for difficulty: {dots}.",
        line=path([(x(point["days_ago"]), height(point["score"])) for point in line]),
        band=path([*highs, *reversed(lows)]),
        dots=[Mark(round(x(dot["days_ago"]), 1), height(dot["score"]), radius=5) for dot in sittings],
        x_axis=[Mark(round(x(days_ago), 1), 0, day(days_ago)) for days_ago in (oldest, (oldest + newest) / 2, newest)],
    )


def progress_chart(points: list[tuple[datetime, float, float, float]]) -> Chart:
    """`points`: when, score, low and high; at least two, the oldest first."""
    oldest, newest = points[0][0], points[-1][0]

    def x(at: datetime) -> float:
        return LEFT + WIDTH * ((at - oldest) / (newest - oldest))

    lows = [(x(at), height(low)) for at, _, low, _ in points]
    highs = [(x(at), height(high)) for at, _, _, high in points]
    numbers = "; ".join(
        f"{at:%-d %b}: {wording.whole_percent(score)} (80% range {wording.percent_range(low, high)})"
        for at, score, low, high in points
    )
    return Chart(
        title="Expected score over time",
        description=f"{numbers}.",
        line=path([(x(at), height(score)) for at, score, _, _ in points]),
        band=path([*highs, *reversed(lows)]),
        dots=[Mark(round(x(at), 1), height(score), radius=4) for at, score, _, _ in points],
        x_axis=[Mark(round(x(at), 1), 0, f"{at:%-d %b}") for at in (oldest, oldest + (newest - oldest) / 2, newest)],
    )


def confidence_chart(levels: list[dict]) -> Chart:
    """`levels`: confidence.LevelScore as stored, only those with enough answers."""

    def x(share: float) -> float:
        return round(LEFT + WIDTH * share, 1)

    places = [(x(level["confidence"]), height(level["mean_score"])) for level in levels]
    numbers = "; ".join(
        f"said {wording.whole_percent(level['confidence'])}, scored {wording.whole_percent(level['mean_score'])} "
        f"({level['count']} answers)"
        for level in levels
    )
    most = max(level["count"] for level in levels)
    return Chart(
        title="Scored, by how sure you said you were",
        description=f"On the dashed line both are equal. {numbers}.",
        line=path(places),
        band="",
        dots=[
            Mark(px, py, radius=round(4 + 5 * (level["count"] / most) ** 0.5, 1))
            for (px, py), level in zip(places, levels, strict=True)
        ],
        x_axis=[Mark(x(share), 0, wording.whole_percent(share)) for share in QUARTERS],
    )
