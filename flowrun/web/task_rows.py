"""The rows of tasks with their attempts, all of a run or those that have changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..history.definition import TaskNode
from ..history.reader import History
from ..history.rows import RunRow, TaskRow
from .task_form import TaskSummary, by_task, task_summaries


@dataclass(frozen=True, slots=True)
class Course:
    """The tasks of a run in file order, and which of them are the critical path if it is over."""

    tasks: Sequence[TaskRow]
    critical: Sequence[str]


def course_of(history: History, run: RunRow) -> Course:
    """How far a run is, or how it went."""
    tasks = history.tasks(run.id)
    return Course(tasks, _critical_path(history, run.id, tasks) if run.is_over else ())


def all_task_rows(history: History, run: RunRow, course: Course) -> list[TaskSummary]:
    """The tasks of a run in file order."""
    tasks = course.tasks
    return task_summaries(tasks, by_task(history.attempts(run.id)), frozenset(course.critical), _items(tasks))


def task_rows(history: History, run: str, names: Iterable[str]) -> list[TaskSummary]:
    """Some tasks, with their groups and the tasks whose items they are."""
    names = _with_parents(names)
    rows = history.tasks(run, names)
    attempts = by_task(history.attempts(run, names=names))
    has_items = any(row.kind == "items" for row in rows)
    return task_summaries(rows, attempts, frozenset(), _items(history.tasks(run)) if has_items else {})


def _critical_path(history: History, run: str, rows: Sequence[TaskRow]) -> list[str]:
    """The tasks without which the run would have been over earlier, from the first to the last."""
    definition = history.graph(run)
    ended = {row.name: row for row in rows if row.ended is not None and row.kind in ("task", "items")}
    if definition is None or not ended:
        return []
    nodes = {node.name: node for node in definition.tasks}
    members: dict[str, list[str]] = {}
    for row in rows:
        members.setdefault(row.parent, []).append(row.name)
    name: str | None = max(ended, key=lambda one: ended[one].ended or 0.0)
    path: list[str] = []
    while name is not None and name not in path:
        path.append(name)
        before = [task for need in _needs(name, nodes) for task in _tasks_of(need, members, ended)]
        name = max(before, key=lambda one: ended[one].ended or 0.0, default=None)
    return path[::-1]


def _needs(name: str, nodes: Mapping[str, TaskNode]) -> Iterator[str]:
    """What a task depends on, itself or because the groups that it is in do."""
    while name in nodes:
        yield from nodes[name].dependencies
        name = nodes[name].parent


def _tasks_of(name: str, members: Mapping[str, Sequence[str]], ended: Mapping[str, TaskRow]) -> list[str]:
    """A task itself; of a group all that is in it."""
    if name in ended:
        return [name]
    return [task for member in members.get(name, ()) for task in _tasks_of(member, members, ended)]


def _items(rows: Iterable[TaskRow]) -> dict[str, Counter[str]]:
    """How many items are in which state, of each task that has some."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        if row.kind == "item":
            found.setdefault(row.parent, Counter())[row.state] += 1
    return found


def _with_parents(names: Iterable[str]) -> set[str]:
    wanted: set[str] = set()
    for name in names:
        wanted.add(name)
        if name.endswith("]") and "[" in name:
            name = name[: name.index("[")]
            wanted.add(name)
        while "/" in name:
            name = name.rpartition("/")[0]
            wanted.add(name)
    return wanted
