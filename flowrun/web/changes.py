"""The JSON form of what is different between two runs of a job."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from ..history.comparison import Difference, compared
from ..history.reader import History
from ..history.rows import RunRow
from .value_form import value_in


class PathChange(TypedDict):
    """A value of the definition, and where it is written."""

    path: str
    before: Any
    after: Any
    place: str


class TaskChange(TypedDict):
    """Something about a task."""

    task: str
    before: Any
    after: Any


class SharedChange(TypedDict):
    """A shared value."""

    key: str
    before: Any
    after: Any


class ChangesBody(TypedDict):
    """What is different. Without another run there is nothing."""

    run: str
    against: str | None
    definition: list[PathChange]
    states: list[TaskChange]
    durations: list[TaskChange]
    results: list[TaskChange]
    shared: list[SharedChange]
    tasks_added: list[str]
    tasks_gone: list[str]


def changes(history: History, run: RunRow, other: RunRow | None) -> ChangesBody:
    """What is different in `run` from `other`."""
    found = compared(history, other.id, run.id) if other is not None else None

    def of(kind: str) -> list[Difference]:
        return found.of(kind) if found is not None else []

    states = of("state")
    return {
        "run": run.id,
        "against": other.id if other is not None else None,
        "definition": [
            {"path": it.name, "before": it.before, "after": it.after, "place": it.place} for it in of("definition")
        ],
        "states": [_of_task(it) for it in states if it.before is not None and it.after is not None],
        "durations": [_of_task(it) for it in of("seconds")],
        "results": [{"task": it.name, "before": _value(it.before), "after": _value(it.after)} for it in of("result")],
        "shared": [{"key": it.name, "before": _value(it.before), "after": _value(it.after)} for it in of("shared")],
        "tasks_added": [it.name for it in states if it.before is None],
        "tasks_gone": [it.name for it in states if it.after is None],
    }


def _value(text: str | None) -> Any:
    return None if text is None else value_in(text)


def _of_task(it: Difference) -> TaskChange:
    return {"task": it.name, "before": it.before, "after": it.after}
