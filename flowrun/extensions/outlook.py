"""Outlook: how long the tasks of a running job usually take, and how long the rest of it will take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from ..eventbus.execution import TERMINAL, ExecutionState
from ..usual.course import ALL, Course, ItemsLeft, Rest, rest_of, rest_of_items
from ..usual.usual import Usual

if TYPE_CHECKING:
    from .background import Background
    from .board import Board

_S = ExecutionState
_TASKS_A_SECOND = 2000
"""Of a job of so many tasks the rest is estimated every second, of a larger one more seldom."""


class Outlook:
    """What earlier runs tell about the rest of this one. Their durations are read when they are asked for first."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._usual: Usual | None = None
        self._course: Course | None = None
        self._estimate: tuple[datetime, float | None] | None = None

    @property
    def usual(self) -> Usual:
        """How long tasks took in earlier runs."""
        if self._usual is None:
            read = self._board.background.usual
            self._usual = Usual() if read is None else read()
        return self._usual

    def remaining_seconds(self, at: datetime) -> float | None:
        """How long it takes until all tasks have ended; None: too little is known, or a person is waited for."""
        if self._board.asked:
            return None
        if self._estimate is not None:
            made, seconds = self._estimate
            age = (at - made).total_seconds()
            if 0 <= age < len(self._board.background.tasks) / _TASKS_A_SECOND:
                return None if seconds is None else max(0.0, seconds - age)
        self._estimate = at, self._remaining(at)
        return self._estimate[1]

    def _remaining(self, at: datetime) -> float | None:
        course = self._course = self._course or course_of(self._board.background)
        rests: dict[str, Rest] = {}
        for name in self._left(course):
            rest = self._rest(course, name, at)
            if rest is None:
                return None
            rests[name] = rest
        return course.remaining_seconds(rests)

    def _left(self, course: Course) -> Iterator[str]:
        """Tasks that have not ended and will be performed, without groups."""
        board, known = self._board, self._board.background
        for name, task in known.tasks.items():
            state = board.state(name)
            is_to_run = not (name in known.skipped or (name in course.after_failure and state is not _S.RUNNING))
            if state not in TERMINAL and not task.is_group and is_to_run:
                yield name

    def _rest(self, course: Course, name: str, at: datetime) -> Rest | None:
        since = self._board.running.get(name)
        elapsed = 0.0 if since is None else (at - since).total_seconds()
        items = self._board.families.of(name)
        if items is None:
            progress = self._board.progress.get(name)
            return rest_of(self.usual, name, elapsed, None if progress is None else progress.share)
        left = ItemsLeft(items.total, items.ended, items.kept, items.counts[_S.RUNNING])
        return rest_of_items(course, self.usual, name, left, elapsed)


def course_of(background: Background) -> Course:
    """What the tasks of a job wait for, and the slots that they share."""
    tasks, parents = background.tasks, background.parents
    pools = {f"pool {name}": slots for name, slots in background.pools.items()}
    groups = {f"group {name}": task.max_concurrency for name, task in tasks.items() if task.is_group}
    return Course(
        needs=background.needs,
        slots={**pools, **({ALL: background.slots} if background.slots else {}), **_given(groups)},
        limits={name: tuple(_limits(background, name)) for name in tasks if name in parents or tasks[name].pool},
        widths=_given({name: task.max_concurrency for name, task in tasks.items() if not task.is_group}),
        after_failure=frozenset(name for name, task in tasks.items() if task.run_if == "failure"),
    )


def _given(numbers: dict[str, int | None]) -> dict[str, int]:
    return {name: number for name, number in numbers.items() if number is not None}


def _limits(background: Background, name: str) -> Iterator[str]:
    task = background.tasks[name]
    if task.pool is not None:
        yield f"pool {task.pool}"
    group = background.parents.get(name)
    while group is not None:
        if background.tasks[group].max_concurrency is not None:
            yield f"group {group}"
        group = background.parents.get(group)
