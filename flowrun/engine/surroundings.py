"""Surroundings: what a run does not find out by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..dataclass import dataclass
from .clock import Clock


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The time, chance, and what people say. Tests hand in their own."""

    clock: Clock
    draw: Callable[[], float]
    """Gives numbers from 0 to 1, for jitter."""
    answers: Mapping[str, bool] | None
    """With these nobody is asked for an approval: the answer is yes, if nothing else is said of a task."""
