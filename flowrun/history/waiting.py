"""Waiting: how long tasks waited for a slot, and which limit holds up those that wait now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from sqlite3 import Connection

from ..usual.course import Course
from .rows import TaskRow

_LETS_GO_ON = frozenset({"COMPLETED", "SKIP"})


class Waiting:
    """How long tasks waited for a slot after all that they need had ended, and the process of their run was there."""

    def __init__(
        self, needs: Mapping[str, Sequence[str]], ended: Mapping[str, float | None], starts: Sequence[float]
    ) -> None:
        """`starts` are the moments when a process began to perform the run, the first one first."""
        self._needs = needs
        self._ended = ended
        self._starts = starts

    def seconds(self, name: str, owner: str, started: float | None) -> float:
        """Of one task; `owner` is what it is an item of."""
        if started is None:
            return 0.0
        needed = (self._ended.get(it) for it in self._needs.get(owner or name, ()))
        began = max((at for at in self._starts if at <= started), default=started)
        return max(0.0, started - max([began, *(at for at in needed if at is not None)]))


def starts_of(connection: Connection, run: int) -> list[float]:
    """When processes began to perform a run."""
    return [at for (at,) in connection.execute("SELECT started FROM starts WHERE run = ? ORDER BY number", (run,))]


def with_limits(connection: Connection, run: int, rows: list[TaskRow], course: Course) -> list[TaskRow]:
    """The rows with the limits, as `pool db`, for which tasks wait that could start otherwise."""
    if not (course.slots and course.limits and any(_may_be_held_up(row) for row in rows)):
        return rows
    if not (full := _full(connection, run, course)):
        return rows
    states = dict[str, str](connection.execute("SELECT name, state FROM tasks WHERE run = ?", (run,)).fetchall())
    return [
        replace(row, why=f"waits for a slot of {limit}")
        if _may_be_held_up(row) and (limit := next(_limits(row, course, full, states), None)) is not None
        else row
        for row in rows
    ]


def _may_be_held_up(row: TaskRow) -> bool:
    return row.state == "PENDING" and row.kind != "group" and not (row.attempts or row.why)


def _limits(row: TaskRow, course: Course, full: Collection[str], states: Mapping[str, str]) -> Iterator[str]:
    if all(states.get(name) in _LETS_GO_ON for name in course.needs.get(row.name, ())):
        yield from (limit for limit in course.limits.get(row.name, ()) if limit in full)


def _full(connection: Connection, run: int, course: Course) -> set[str]:
    """The limits of which no slot is free."""
    running = connection.execute(
        "SELECT CASE kind WHEN 'item' THEN parent ELSE name END FROM tasks "
        "WHERE run = ? AND state = 'RUNNING' AND kind IN ('task', 'item')",
        (run,),
    )
    used = Counter(limit for (name,) in running for limit in course.limits.get(name, ()))
    return {limit for limit, slots in course.slots.items() if used[limit] >= slots}
