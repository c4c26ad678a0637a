"""Layers: where the tasks of a graph stand when it is drawn in columns, and where its lines pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple


class Spot(NamedTuple):
    """Where a task stands, or where the lines from it pass a column."""

    name: str
    column: int
    is_task: bool

    @property
    def is_passed(self) -> bool:
        """A line goes through."""
        return not self.is_task


class Layers(NamedTuple):
    """The columns from left to right, each from top to bottom, and the lines from spots to spots of the next column."""

    columns: Sequence[Sequence[Spot]]
    lines: Sequence[tuple[Spot, Spot]]


def layered(dependencies: Mapping[str, Sequence[str]]) -> Layers:
    """Each task in the first column after all that it depends on, near these. There is no ring among them."""
    column_of = _columns(dependencies)
    spots = {name: Spot(name, column, is_task=True) for name, column in column_of.items()}
    columns: list[list[Spot]] = [[] for _ in range(max(column_of.values(), default=-1) + 1)]
    for spot in spots.values():
        columns[spot.column].append(spot)
    lines: list[tuple[Spot, Spot]] = []
    passed = {name: [spot] for name, spot in spots.items()}
    for name, needed in dependencies.items():
        for other in dict.fromkeys(needed):
            way = passed[other]
            while way[-1].column < spots[name].column - 1:
                way.append(Spot(other, way[-1].column + 1, is_task=False))
                columns[way[-1].column].append(way[-1])
                lines.append((way[-2], way[-1]))
            lines.append((way[spots[name].column - spots[other].column - 1], spots[name]))
    return Layers(_ordered(columns, lines), lines)


def _columns(dependencies: Mapping[str, Sequence[str]]) -> dict[str, int]:
    found: dict[str, int] = {}
    waiting = [*dependencies][::-1]
    while waiting:
        name = waiting[-1]
        if missing := [other for other in dependencies[name] if other not in found]:
            waiting += missing
            continue
        found[waiting.pop()] = max((found[other] + 1 for other in dependencies[name]), default=0)
    return {name: found[name] for name in dependencies}


def _ordered(columns: list[list[Spot]], lines: Sequence[tuple[Spot, Spot]]) -> list[list[Spot]]:
    """Each column by the middle of what stands before it, so that lines cross little."""
    before: dict[Spot, list[Spot]] = {}
    for one, other in lines:
        before.setdefault(other, []).append(one)
    for previous, column in pairwise(columns):
        height = {spot: (number + 0.5) / len(previous) for number, spot in enumerate(previous)}
        middle = {spot: sum(height[it] for it in before[spot]) / len(before[spot]) for spot in column}
        column.sort(key=middle.__getitem__)
    return columns
