"""How long to wait before another try."""

from __future__ import annotations

from collections.abc import Callable

from ..jobdefinition.task_definition import Backoff


def pause_seconds(backoff: float | Backoff, failures: int, draw: Callable[[], float]) -> float:
    """Seconds to wait after `failures` (1 or more) failed attempts; `draw` gives a number from 0 to 1.

    The growth is tenacity's `wait_exponential`; the jitter keeps at least half of the pause.
    """
    if not isinstance(backoff, Backoff):
        return float(backoff)
    try:
        grown = backoff.first * backoff.factor ** (failures - 1)
    except OverflowError:
        grown = backoff.cap
    pause = min(grown, backoff.cap)
    return pause * (0.5 + draw() / 2) if backoff.jitter else pause
