"""Clocks and lengths of time as they are written."""

from datetime import timedelta

SHORT = 300  # seconds: below, a minute more or less is the point


def clock(milliseconds: int | None) -> str:
    """65000 → "1:05", −3000 → "+0:03" (overtime), 3 700 000 → "1:01:40"; what static/js/sitting/clocks.js shows."""
    if milliseconds is None:
        return ""
    is_over = milliseconds < 0
    # Rounded up, as the page does: zero is shown when it is zero.
    seconds = -(milliseconds // 1000) if is_over else -(-milliseconds // 1000)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    text = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"+{text}" if is_over else text


def urgency(milliseconds: int | None, limit_milliseconds: int | None) -> str:
    """The clock's colour, as static/js/sitting/clocks.js changes it: no question of a minute begins in red."""
    if milliseconds is None:
        return ""
    if milliseconds < 0:
        return "is-over"
    is_long = limit_milliseconds is None or limit_milliseconds > 300_000
    amber, red = (300_000, 60_000) if is_long else (60_000, 20_000)
    if milliseconds <= red:
        return "is-red"
    is_news = limit_milliseconds is None or limit_milliseconds > amber
    return "is-amber" if milliseconds <= amber and is_news else ""


def duration(value: timedelta | float | None) -> str:
    """In words: "45 minutes", "1 hour 30 minutes", "50 seconds"; what is short to the second: "1 minute 15 seconds"."""
    if value is None:
        return ""
    seconds = round(value.total_seconds() if isinstance(value, timedelta) else value)
    if seconds < SHORT:
        minutes, rest = divmod(seconds, 60)
        return _joined((minutes, "minute"), (rest, "second")) or "0 seconds"
    hours, rest = divmod(round(seconds / 60), 60)
    return _joined((hours, "hour"), (rest, "minute"))


def time_used(question) -> str:
    """Of a closed InterviewQuestion: "7 of 10 minutes", "0:52 of 1:15 minutes", "12 of 10 minutes, 2 minutes over", and
    what it used before a reopening. Pauses are left out.
    """
    if question.seconds_used is None:
        return ""
    said = used_of(question.seconds_used, question.seconds_allowed)
    if question.earlier_seconds:
        said += f" after it was reopened, {duration(question.earlier_seconds)} before"
    return said


def used_of(used: float, allowed: float | None) -> str:
    """Seconds in words: "7 of 10 minutes", "0:52 of 1:15 minutes", "12 of 10 minutes, 2 minutes over"; without a clock
    "7 minutes".
    """
    said = duration(used)
    if allowed is None:
        return said
    are_minutes = min(used, allowed) >= 60 and max(used, allowed) < 3600 - 30
    if 60 <= allowed < SHORT:
        said = f"{clock(round(used) * 1000)} of {clock(round(allowed) * 1000)} minutes"
    else:
        said = f"{round(used / 60)} of {duration(allowed)}" if are_minutes else f"{said} of {duration(allowed)}"
    return f"{said}, {duration(used - allowed)} over" if round(used - allowed) > 0 else said


def allowance(question) -> str:
    """What the time of a closed InterviewQuestion is made of: "×2, 5 minutes added, paused for 3 minutes, gentle"."""
    interview = question.interview
    parts = [f"×{interview.time_multiplier.normalize():f}"] if interview.time_multiplier != 1 else []
    if question.seconds_allowed is not None:
        added = question.seconds_allowed - interview.question_limit(question).total_seconds()
        parts += [f"{duration(added)} added"] if added >= 1 else []
    parts += [f"paused for {duration(question.paused_seconds)}"] if question.paused_seconds >= 1 else []
    return ", ".join([*parts, interview.pace])


def _joined(*parts: tuple[int, str]) -> str:
    return " ".join(plural(count, noun) for count, noun in parts if count)


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
