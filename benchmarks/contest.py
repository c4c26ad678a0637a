"""Contest: things that are measured in turn, round by round, and what is claimed of their figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .command import Command

Figures = Mapping[str, float]
"""What one round gave, by name: seconds, bytes or numbers."""

Part = Callable[[], Figures]
"""Measures one thing once."""


@dataclass(frozen=True)
class Claim:
    """One line of the table: a figure, or how it stands to another of the same round."""

    what: str
    figure: str
    against: str = ""
    """The figure it is divided by; none: the figure itself counts."""
    at_most: float | None = None
    at_least: float | None = None
    unit: str = "s"
    """Of the figures: seconds, bytes (`B`), or a bare number."""

    def of(self, round_: Figures) -> float:
        """The value that one round gives."""
        return round_[self.figure] / round_[self.against] if self.against else round_[self.figure]

    def is_met_by(self, value: float) -> bool | None:
        """Whether a value is good enough; None if nothing is claimed and it is only shown."""
        if self.at_most is None and self.at_least is None:
            return None
        return (self.at_most is None or value <= self.at_most) and (self.at_least is None or value >= self.at_least)


@dataclass(frozen=True)
class Verdict:
    """What came of a claim."""

    contest: str
    claim: Claim
    value: float
    """The median of the rounds."""
    values: tuple[float, ...]
    figures: Figures
    """Medians of the figures that the claim names."""

    @property
    def is_met(self) -> bool | None:
        """Whether the claim holds; None if nothing was claimed."""
        return self.claim.is_met_by(self.value)


@dataclass(frozen=True)
class Contest:
    """What is measured A B A B, because a noisy machine changes its pace from minute to minute, and what is claimed."""

    parts: Sequence[Part]
    claims: Sequence[Claim]

    def play(self, name: str, rounds: int) -> Iterator[Verdict]:
        """Measure everything so many times and judge the claims."""
        played = [self._round() for _ in range(rounds)]
        for claim in self.claims:
            values = tuple(claim.of(figures) for figures in played)
            named = [key for key in (claim.figure, claim.against) if key]
            medians = {key: median(figures[key] for figures in played) for key in named}
            yield Verdict(name, claim, median(values), values, medians)

    def _round(self) -> Figures:
        return {key: value for part in self.parts for key, value in part().items()}


def wall(name: str, command: Command) -> Part:
    """Seconds of the whole process."""
    return lambda: {name: command.seconds()}


def slope(name: str, many: Command, one: Command, count: int) -> Part:
    """Seconds a task: what `count` tasks take longer than one."""
    return lambda: {name: (many.seconds() - one.seconds()) / (count - 1)}


def beyond(name: str, command: Command, start_up: Command) -> Part:
    """Seconds of the whole process without its start-up."""
    return lambda: {name: command.seconds() - start_up.seconds()}


def floor(name: str, command: Command, count: int = 1) -> Part:
    """Seconds a piece, by the clock of a program that does `count` of them."""
    return lambda: {name: command.own_seconds() / count}


def repeated(times: int, part: Part) -> Part:
    """The median of several measurements in one round, for figures that are small beside the start-up."""

    def measure() -> Figures:
        found = [part() for _ in range(times)]
        return {key: median(figures[key] for figures in found) for key in found[0]}

    return measure
