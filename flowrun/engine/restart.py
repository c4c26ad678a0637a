"""Restart plan: what a run will do, task by task, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, Literal

from ..dataclass import dataclass
from .entry import Past
from .graph import Graph
from .selection import Selection

Verb = Literal["keep", "rerun", "find", "run", "new", "gone", "skip", "lost"]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What becomes of one task, and why."""

    task: str
    verb: Verb
    why: str = ""
    items_kept: int = 0
    """Of a task with items: how many of them are kept."""

    @property
    def is_to_run(self) -> bool:
        """It is not just kept or left out."""
        return self.verb in ("rerun", "find", "run", "new")


@dataclass(frozen=True, slots=True)
class RestartPlan:
    """What a run will do before it does it."""

    run_id: str
    rows: tuple[PlanRow, ...]
    is_restart: bool = False
    started: str = ""
    """When the run that is continued began, ISO 8601, UTC."""
    past: Past = field(default_factory=Past)
    restarted: frozenset[str] = frozenset()
    """Tasks whose `on_restart` is called: they had failed, or were cut off while running."""
    added: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """What the tasks that are kept had added to the job, as they told it, by the task that did."""

    @property
    def unasked(self) -> frozenset[str]:
        """Tasks that no person is asked about: they do not run, or were approved before."""
        return frozenset(row.task for row in self.rows if not row.is_to_run).union(self.past.approved)

    def named(self, *verbs: Verb) -> list[str]:
        """Names of the tasks with one of these verbs."""
        return [row.task for row in self.rows if row.verb in verbs]


def plan_fresh(run_id: str, graph: Graph, selection: Selection) -> RestartPlan:
    """The plan of a run that continues nothing."""
    wanted = selection.wanted(graph, is_restart=False)
    rows = selected((PlanRow(name, "run") for name in graph.names), selection, graph, wanted)
    return RestartPlan(run_id, tuple(rows), past=past_of(rows))


def selected(rows: Iterable[PlanRow], selection: Selection, graph: Graph, wanted: set[str]) -> list[PlanRow]:
    """The rows, with what is to be taken as completed, and without what is not wanted and would run."""
    marked = graph.within(selection.mark_completed)
    result = []
    for row in rows:
        if row.task in marked:
            result.append(PlanRow(row.task, "keep", "marked as completed"))
        elif row.task not in wanted and row.verb != "keep":
            result.append(PlanRow(row.task, "skip", "left out on request"))
        else:
            result.append(row)
    return result


def past_of(rows: Sequence[PlanRow]) -> Past:
    """What a plan takes over of these tasks."""
    return Past(completed=_named(rows, "keep"), skipped=_named(rows, "skip"), lost=_named(rows, "lost"))


def _named(rows: Iterable[PlanRow], verb: Verb) -> frozenset[str]:
    return frozenset(row.task for row in rows if row.verb == verb)
