"""Comparison: what differs between two runs of the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..given_variables import variables_in
from .reader import History
from .rows import RunRow, TaskRow

_LEAST_SECONDS = 1.0
_LEAST_RATIO = 1.2
"""A difference in time counts if it is at least a second, and a fifth."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. None: it is not there."""

    kind: str
    """`definition`, `label`, `state`, `seconds`, `result`, `shared`."""
    name: str
    """The path in the definition, the key of the label, the task, or the shared value."""
    before: Any
    after: Any
    place: str = ""
    """`file:line` of a value of the definition."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two runs."""

    before: RunRow
    after: RunRow
    differences: tuple[Difference, ...]

    def of(self, *kinds: str) -> list[Difference]:
        """The differences of some kinds."""
        return [it for it in self.differences if it.kind in kinds]

    def record(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "before": self.before.record(),
            "after": self.after.record(),
            "differences": [
                {"kind": it.kind, "name": it.name, "before": it.before, "after": it.after, "place": it.place}
                for it in self.differences
            ],
        }


def compared(history: History, before: str, after: str) -> Comparison:
    """What differs between two runs, by their ids."""
    differences = (
        *_definitions(history, before, after),
        *_mappings("label", history.run(before).labels, history.run(after).labels),
        *_tasks(history, before, after),
        *_values(history, before, after),
    )
    return Comparison(history.run(before), history.run(after), differences)


def _definitions(history: History, before: str, after: str) -> Iterator[Difference]:
    old, new = history.graph(before), history.graph(after)
    old_given, new_given = _given(history, before), _given(history, after)
    if old is None or new is None or (old.digest == new.digest and old_given == new_given):
        return
    places = {**old.origins, **new.origins}
    was, is_now = {**dict(_leaves(old.merged)), **old_given}, {**dict(_leaves(new.merged)), **new_given}
    for it in _mappings("definition", was, is_now):
        place = "" if it.name in old_given or it.name in new_given else places.get(it.name, "")
        yield Difference(it.kind, it.name, it.before, it.after, place)


def _given(history: History, run: str) -> dict[str, str]:
    """The variables of the command line, which stand above those of the definition, by their paths in it."""
    starts = history.starts(run)
    return {f"vars.{name}": value for name, value in variables_in(starts[-1].arguments)} if starts else {}


def _leaves(merged: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every value with its path, lists whole."""
    waiting: list[tuple[str, Any]] = [("", merged)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict) and value:
            waiting += [(f"{path}.{key}" if path else str(key), below) for key, below in reversed(value.items())]
        else:
            yield path, value


def _tasks(history: History, before: str, after: str) -> Iterator[Difference]:
    old = {task.name: task for task in history.tasks(before)}
    new = {task.name: task for task in history.tasks(after)}
    yield from _mappings("state", _states(old), _states(new))
    for name, task in new.items():
        if name in old and _took_otherwise(old[name], task):
            yield Difference("seconds", name, round(old[name].seconds, 3), round(task.seconds, 3))


def _states(tasks: Mapping[str, TaskRow]) -> dict[str, str]:
    return {name: task.state for name, task in tasks.items()}


def _took_otherwise(old: TaskRow, new: TaskRow) -> bool:
    """A task that a restart kept took what it took in an earlier start of its run."""
    if any(task.state != "COMPLETED" or task.started is None for task in (old, new)):
        return False
    low, high = sorted((old.seconds, new.seconds))
    return high - low >= _LEAST_SECONDS and high >= low * _LEAST_RATIO


def _values(history: History, before: str, after: str) -> Iterator[Difference]:
    old, new = (
        {(row.kind, row.name): None if row.is_deleted else row.text for row in history.values(run)}
        for run in (before, after)
    )
    for kind in ("result", "shared"):
        yield from _mappings(
            kind,
            {name: text for (its, name), text in old.items() if its == kind},
            {name: text for (its, name), text in new.items() if its == kind},
        )


def _mappings(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield Difference(kind, name, old.get(name), new.get(name))
