"""Outline: the groups, items and conditions of a job, as they are told beside its tasks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..dataclass import dataclass
from ..jobdefinition.flat import Flat
from ..jobdefinition.task_definition import TaskDefinition
from .printable import harmless

if TYPE_CHECKING:
    from ..engine.restart import PlanRow

_RUN_IF = {
    "failure": "if something before it did not complete",
    "done": "whatever became of what is before it",
    "always": "whatever happens",
}


@dataclass(frozen=True)
class Outline:
    """What is told beside a task. Of a name that the job does not have there is nothing."""

    flat: Flat
    unasked: Collection[str] = ()
    """Tasks about which nobody is asked again."""

    def is_group(self, name: str) -> bool:
        """It has members."""
        return name in self.flat.members

    def depth(self, name: str) -> int:
        """In how many groups a task is."""
        return sum(1 for _ in self.flat.groups_around(name))

    def title(self, name: str) -> str:
        """What a task is called in its group, with the kind of a group: `extract (parallel)`."""
        parent = self.flat.parents.get(name)
        short = name.removeprefix(f"{parent}/") if parent else name
        kind = self.kind(name)
        return f"{harmless(short, 100)} ({kind})" if kind in ("serial", "parallel") else harmless(short, 100)

    def kind(self, name: str) -> str:
        """`task`, `items`, `serial` or `parallel`."""
        task = self.flat.tasks.get(name)
        if task is None or not (task.is_group or task.is_fan):
            return "task"
        return "items" if task.is_fan else "serial" if task.serial is not None else "parallel"

    def remark(self, name: str, items_kept: int = 0) -> str:
        """`for each of 10 items, 3 of them kept; when `vars.full``."""
        task = self.flat.tasks.get(name)
        if task is None:
            return ""
        asks = "" if name in self.unasked or task.approve is None else f"asks: {harmless(task.approve.question, 200)}"
        return "; ".join(filter(None, (*_remarks(task, items_kept), asks)))

    def record(self, row: PlanRow) -> dict[str, Any]:
        """A row of a plan for programs."""
        task = self.flat.tasks.get(row.task)
        return {
            "task": row.task,
            "verb": row.verb,
            "why": row.why,
            "kind": self.kind(row.task),
            "group": self.flat.parents.get(row.task),
            "when": task.when if task else None,
            "asks": task.approve.question if task and task.approve and row.task not in self.unasked else None,
            "run_if": task.run_if if task else "success",
            "items": _number(task) if task and task.is_fan else None,
            "items_kept": row.items_kept,
        }


def _remarks(task: TaskDefinition, items_kept: int) -> Iterator[str]:
    if task.is_fan:
        number = _number(task)
        kept = (
            "" if not items_kept else f", {items_kept:,} kept" if number is None else f", {items_kept:,} of them kept"
        )
        yield f"for each {_of_what(task, number)}{kept}"
    if task.when is not None:
        yield f"when {_bare(task.when)}"
    if task.min_completed is not None:
        yield f"as soon as {task.min_completed} before it completed"
    elif task.run_if in _RUN_IF:
        yield _RUN_IF[task.run_if]


def _of_what(task: TaskDefinition, number: int | None) -> str:
    if number is not None:
        return f"of {number:,} {'combinations' if task.matrix is not None else 'items'}"
    foreach: Any = task.foreach
    if isinstance(foreach, Mapping) and "file" in foreach:
        return f"item in {harmless(foreach['file'], 100)}"
    source = foreach.get("items") if isinstance(foreach, Mapping) else foreach
    return f"item of {_bare(source)}" if isinstance(source, str) else "item"


def _number(task: TaskDefinition) -> int | None:
    from ..items.source import known_number

    return known_number(task)


def _bare(text: str | bool) -> str:
    """An expression without what it stands in."""
    inside = str(text).strip()
    if inside.startswith("${{") and inside.endswith("}}") and inside.count("${{") == 1:
        inside = inside[3:-2].strip()
    return f"`{harmless(inside, 100)}`"
