"""From what is kept of a run to what the next one does, task by task, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..checkpointer.checkpointer import CheckpointContents
from ..eventbus.execution import ExecutionState
from ..jobdefinition.model import TaskDefinition
from .graph import Graph
from .plan import Past

Verb = Literal["keep", "rerun", "run", "new", "gone", "skip", "lost"]

_S = ExecutionState


@dataclass(frozen=True, slots=True)
class Selection:
    """Which tasks are asked for. Names that do not exist are refused before this is used."""

    only: tuple[str, ...] = ()
    """Just these; everything else is left out."""
    start_from: tuple[str, ...] = ()
    """These and everything after them run again; everything else is kept or, in a fresh run, left out."""
    downstream: tuple[str, ...] = ()
    """Everything after these runs again, not these themselves."""
    mark_completed: tuple[str, ...] = ()
    """Taken as completed without running."""
    skip: tuple[str, ...] = ()
    """Left out; their dependents go on."""
    run_to: tuple[str, ...] = ()
    """These and what they need; everything else is left out."""
    run_from: tuple[str, ...] = ()
    """These and what follows them; everything else is left out."""

    def names(self) -> Iterable[str]:
        """Every name that was given."""
        for group in (
            self.only,
            self.start_from,
            self.downstream,
            self.mark_completed,
            self.skip,
            self.run_to,
            self.run_from,
        ):
            yield from group

    def wanted(self, graph: Graph, *, is_restart: bool) -> set[str]:
        """The tasks that are not left out. In a fresh run there is nothing to keep before `start_from`."""
        wanted = set(graph.names)
        if not is_restart and (self.start_from or self.downstream):
            wanted &= self.again(graph)
        if self.only:
            wanted &= set(self.only)
        if self.run_to:
            wanted &= graph.ancestors(self.run_to) | set(self.run_to)
        if self.run_from:
            wanted &= graph.descendants(self.run_from) | set(self.run_from)
        return wanted - set(self.skip)

    def again(self, graph: Graph) -> set[str]:
        """The tasks that run again even if they completed before."""
        return (
            set(self.only)
            | set(self.start_from)
            | graph.descendants(self.start_from)
            | graph.descendants(self.downstream)
        )


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What becomes of one task, and why."""

    task: str
    verb: Verb
    why: str = ""


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

    def named(self, *verbs: Verb) -> list[str]:
        """Names of the tasks with one of these verbs."""
        return [row.task for row in self.rows if row.verb in verbs]


def plan_fresh(run_id: str, graph: Graph, selection: Selection) -> RestartPlan:
    """The plan of a run that continues nothing."""
    rows = _select(
        ((name, PlanRow(name, "run")) for name in graph.names), selection, selection.wanted(graph, is_restart=False)
    )
    return _plan(run_id, rows, is_restart=False)


def plan_restart(
    contents: CheckpointContents,
    tasks: Mapping[str, TaskDefinition],
    graph: Graph,
    digests: Mapping[str, dict[str, str]],
    selection: Selection,
    *,
    rerun_changed: bool = False,
) -> RestartPlan:
    """The plan of a run that continues `contents` with the definitions of today."""
    before = {name: _S(letter) for letter, names in contents.states.items() for name in names}
    changes = {
        name: _changes(contents.digests.get(name), digests[name])
        for name in graph.names
        if before.get(name) is _S.COMPLETED
    }
    again = selection.again(graph)
    asked_by_change: set[str] = set()
    if rerun_changed:
        changed = [name for name, change in changes.items() if change]
        asked_by_change = set(changed) | graph.descendants(changed)
    rows = {}
    for name in graph.names:
        row = _row(name, before.get(name), tasks[name], changes.get(name, ""))
        if row.verb in ("keep", "lost", "skip") and name in again:
            row = PlanRow(name, "rerun", "asked for")
        elif row.verb == "keep" and name in asked_by_change:
            row = PlanRow(name, "rerun", changes.get(name) or "depends on a task that changed")
        rows[name] = row
    selected = _select(rows.items(), selection, selection.wanted(graph, is_restart=True))
    gone = [
        PlanRow(name, "gone", "no longer defined; its values are dropped") for name in sorted(set(before) - set(tasks))
    ]
    restarted = frozenset(name for name, state in before.items() if state in (_S.FAILED, _S.RUNNING))
    plan = _plan(contents.run_id, [*selected, *gone], is_restart=True, attempts=contents.attempts)
    return RestartPlan(plan.run_id, plan.rows, True, contents.started, plan.past, restarted)


def _row(name: str, before: ExecutionState | None, task: TaskDefinition, change: str) -> PlanRow:
    match before:
        case None:
            return PlanRow(name, "new", "added since")
        case _S.COMPLETED:
            return PlanRow(name, "keep", f"although {change}" if change else "")
        case _S.RUNNING if task.at_most_once:
            return PlanRow(name, "lost", "was cut off while running and is to run at most once")
        case _S.FAILED:
            return PlanRow(name, "rerun", "failed")
        case _S.RUNNING:
            return PlanRow(name, "rerun", "was interrupted")
        case _S.ABORTED:
            return PlanRow(name, "rerun", "was stopped")
        case _S.DEFAULTED:
            return PlanRow(name, "rerun", "was blocked")
        case _S.SKIP:
            return PlanRow(name, "skip", "left out when the run began")
        case _:
            return PlanRow(name, "run", "had not started")


def _changes(old: dict[str, str] | None, new: dict[str, str]) -> str:
    """What changed in a definition, in words: `parameters changed: day, region`. Empty: nothing."""
    if old is None:
        return ""
    keys = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key) and key != "salt")
    parameters = [key.removeprefix("parameters.") for key in keys if key.startswith("parameters.")]
    others = [key for key in keys if not key.startswith("parameters.")]
    said = [f"parameters changed: {', '.join(parameters)}"] if parameters else []
    said += [f"{', '.join(others)} changed"] if others else []
    return " and ".join(said)


def _select(rows: Iterable[tuple[str, PlanRow]], selection: Selection, wanted: set[str]) -> list[PlanRow]:
    marked = set(selection.mark_completed)
    result = []
    for name, row in rows:
        if name in marked:
            result.append(PlanRow(name, "keep", "marked as completed"))
        elif name not in wanted and row.verb != "keep":
            result.append(PlanRow(name, "skip", "left out on request"))
        else:
            result.append(row)
    return result


def _plan(
    run_id: str, rows: list[PlanRow], *, is_restart: bool, attempts: Mapping[str, int] | None = None
) -> RestartPlan:
    def named(verb: Verb) -> frozenset[str]:
        return frozenset(row.task for row in rows if row.verb == verb)

    past = Past(completed=named("keep"), skipped=named("skip"), lost=named("lost"), attempts=dict(attempts or {}))
    return RestartPlan(run_id, tuple(rows), is_restart, past=past)
