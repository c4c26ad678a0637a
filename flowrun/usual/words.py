"""Words: estimates as a person says them, no more exact than they are."""

from __future__ import annotations

_SHOWN_FROM = 1.0
"""Shorter tasks are over before anybody has read how long they take."""


def about(seconds: float) -> str:
    """`about 8 s`, `about 35 s`, `about 4 min`, `about 2 h 10 min`."""
    if seconds < 20:
        return f"about {max(1, round(seconds))} s"
    if seconds < 97.5:
        return f"about {round(seconds / 5) * 5} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"about {minutes} min"
    hours, rest = divmod(round(minutes / 10) * 10 if minutes >= 120 else minutes, 60)
    return f"about {hours} h {rest} min" if rest else f"about {hours} h"


def left(seconds: float | None) -> str:
    """`about 35 s left`; empty if it is not known, or nothing is left."""
    return f"{about(seconds)} left" if seconds else ""


def is_worth_saying(seconds: float | None) -> bool:
    """Somebody may want to know that a task usually takes so long."""
    return seconds is not None and seconds >= _SHOWN_FROM
