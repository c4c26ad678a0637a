"""From what is kept of a run to what the next one does, task by task, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Literal

from ..checkpointer.checkpointer import CheckpointContents
from ..dataclass import dataclass
from ..eventbus.execution import ExecutionState
from ..jobdefinition.model import TaskDefinition
from .entry import Past
from .graph import Graph
from .selection import Selection

Verb = Literal["keep", "rerun", "find", "run", "new", "gone", "skip", "lost"]

_S = ExecutionState


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
    rows = _select(
        ((name, PlanRow(name, "run")) for name in graph.names),
        selection,
        graph,
        selection.wanted(graph, is_restart=False),
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
    outliving: Collection[str] = (),
    without_result: Collection[str] = (),
) -> RestartPlan:
    """The plan of a run that continues `contents` with the definitions of today.

    Attempts of the tasks `outliving` may still be under way: those that were cut off begin again under their number.
    Of the tasks and items `without_result` the result stayed elsewhere, and is gone.
    """
    before = {name: _S(letter) for letter, names in contents.states.items() for name in names}
    items = _items(before, tasks)
    changes = {
        name: _changes(contents.digests.get(name), digests[name])
        for name in graph.names
        if before.get(name) is _S.COMPLETED or name in items
    }
    changed = [name for name, change in changes.items() if change] if rerun_changed else []
    asked_by_change = {*changed, *graph.descendants(changed)}
    again = selection.again(graph)
    looked_at = _Restart(before, items, changes, tasks, graph, again, asked_by_change, outliving)
    rows, once_more = looked_at.rows()
    in_order = [(name, rows[name]) for name in graph.names]
    wanted = selection.wanted(graph, is_restart=True)
    selected = _select(in_order, selection, graph, wanted)
    made_again = _made_again(selected, graph, {name for name in without_result if name in wanted})
    selected = [made_again.get(row.task, row) for row in selected]
    kept = {row.task for row in selected if row.verb == "keep"}
    items_kept, items_lost = looked_at.items(anew=kept | again | asked_by_change | once_more)
    if without_result:
        items_kept -= set(without_result)
        selected = [_counted(row, items.get(row.task, ()), items_kept) for row in selected]
    added = _still_added(contents.added, kept | items_kept)
    further = [_row_of_added(record, before) for records in added.values() for record in records]
    gone = _gone(before, tasks, further)
    outlived = frozenset(
        name for name, state in before.items() if name not in again and _may_be_under_way(name, state, tasks, outliving)
    )
    attempts = {name: number - (name in outlived) for name, number in contents.attempts.items()}
    plan = _plan(contents.run_id, [*selected, *further, *gone], is_restart=True, attempts=attempts)
    completed, lost = {*plan.past.completed, *items_kept}, {*plan.past.lost, *items_lost}
    approved: frozenset[str] = frozenset()
    if contents.approvals:
        from .approved import approved_before

        approved = approved_before(contents, before, tasks)
    past = replace(plan.past, completed=completed, lost=lost, outlived=outlived, approved=approved)
    restarted = frozenset(name for name, state in before.items() if state in (_S.FAILED, _S.RUNNING))
    return RestartPlan(plan.run_id, plan.rows, True, contents.started, past, restarted, added)


@dataclass(frozen=True, slots=True)
class _Restart:
    """What is known when a run is continued."""

    before: Mapping[str, ExecutionState]
    items_of: Mapping[str, Sequence[str]]
    changes: Mapping[str, str]
    tasks: Mapping[str, TaskDefinition]
    graph: Graph
    again: Collection[str]
    """Asked for by name."""
    asked_by_change: Collection[str]
    """Asked for because their definitions changed, and what comes after them."""
    outliving: Collection[str]
    """Attempts of these may still be under way."""

    def rows(self) -> tuple[dict[str, PlanRow], set[str]]:
        """What becomes of each task, and those among them that only run to clean up again."""
        rows: dict[str, PlanRow] = {}
        for name in reversed(self.graph.names):  # members before their groups
            rows[name] = self._row(name, rows)
        once_more = _cleaning_up_again(rows, self.tasks, self.graph)
        rows.update((name, PlanRow(name, "rerun", "comes after tasks that run again")) for name in once_more)
        return rows, once_more

    def items(self, anew: Collection[str]) -> tuple[set[str], set[str]]:
        """The items that are kept, and those that must not start again, of fans that are not done `anew`."""
        ended = {item: fan for fan, names in self.items_of.items() if fan not in anew for item in names}
        kept = {item for item in ended if self.before[item] is _S.COMPLETED}
        cut_off = {item for item in ended if self.before[item] is _S.RUNNING}
        lost = {item for item in cut_off if self._is_lost_if_cut_off(ended[item])}
        return kept, lost

    def _is_lost_if_cut_off(self, name: str) -> bool:
        """It is to run at most once, and no executor could find it again."""
        return self.tasks[name].at_most_once and name not in self.outliving

    def _row(self, name: str, rows: Mapping[str, PlanRow]) -> PlanRow:
        is_once = self._is_lost_if_cut_off(name) and not self.tasks[name].is_fan  # of a fan, each item
        row = _row(name, self.before.get(name), self.changes.get(name, ""), is_once=is_once)
        if row.verb in ("keep", "lost", "skip") and name in self.again:
            return PlanRow(name, "rerun", "asked for")
        if row.verb == "keep" and name in self.asked_by_change:
            return PlanRow(name, "rerun", self.changes.get(name) or "depends on a task that changed")
        if row.verb == "keep" and any(rows[member].is_to_run for member in self.graph.members.get(name, ())):
            return PlanRow(name, "rerun", "some of its tasks run again")
        if row.verb in ("rerun", "run") and name in self.items_of and name not in self.asked_by_change:
            return self._row_of_fan(name, row.why)
        if row.verb == "rerun" and self.before.get(name) is _S.RUNNING and self._is_sought(name):
            return PlanRow(name, "find", "was cut off, and may still be under way")
        return row

    def _row_of_fan(self, name: str, why: str) -> PlanRow:
        states = Counter(self.before[item] for item in self.items_of[name])
        if states[_S.RUNNING] and self._is_sought(name):
            number = states[_S.RUNNING]
            why += f"; {number:,} of its items may still be under way"
        return PlanRow(name, "rerun", why, items_kept=states[_S.COMPLETED])

    def _is_sought(self, name: str) -> bool:
        return name in self.outliving and name not in self.again


def _made_again(rows: Iterable[PlanRow], graph: Graph, without_result: Collection[str]) -> dict[str, PlanRow]:
    """Tasks that are kept no longer, with the groups they are in: others are to run that are given their results."""
    ahead = [row.task for row in rows if row.is_to_run] if without_result else []
    kept = {row.task for row in rows if row.verb == "keep"}
    found: dict[str, PlanRow] = {}
    while ahead:
        name = ahead.pop()
        needed = set() if name in graph.members else graph.within(graph.needs[name])
        for one in sorted(needed & kept & set(without_result)):
            kept.remove(one)
            ahead.append(one)
            found[one] = PlanRow(one, "rerun", "its result stayed on a cluster, and is gone")
    groups = graph.around(found) & kept
    return found | {name: PlanRow(name, "rerun", "some of its tasks run again") for name in groups}


def _counted(row: PlanRow, items: Collection[str], items_kept: Collection[str]) -> PlanRow:
    return replace(row, items_kept=sum(item in items_kept for item in items)) if row.is_to_run and items else row


def _gone(
    before: Mapping[str, ExecutionState], tasks: Mapping[str, TaskDefinition], further: Iterable[PlanRow]
) -> list[PlanRow]:
    left = sorted(set(before) - {*tasks, *(row.task for row in further)})
    return [
        PlanRow(name, "gone", "no longer defined; its values are dropped") for name in left if not _fan_of(name, tasks)
    ]


def _may_be_under_way(
    name: str, before: ExecutionState, tasks: Mapping[str, TaskDefinition], outliving: Collection[str]
) -> bool:
    return bool(outliving) and before is _S.RUNNING and (_fan_of(name, tasks) or name) in outliving


def _cleaning_up_again(rows: Mapping[str, PlanRow], tasks: Mapping[str, TaskDefinition], graph: Graph) -> set[str]:
    """Tasks that completed after others had failed, which run again now, so that there is to be cleaned up again.

    And what comes after them.
    """
    after = graph.descendants([name for name, row in rows.items() if row.is_to_run])
    found = graph.within([it for it in after if tasks[it].run_if != "success" and not tasks[it].at_most_once])
    found |= graph.descendants(found)
    return {name for name in found | graph.around(found) if rows[name].verb == "keep"}


def _items(before: Mapping[str, ExecutionState], tasks: Mapping[str, TaskDefinition]) -> dict[str, list[str]]:
    """The items that are known of each fan, `NAME[key]`."""
    found: dict[str, list[str]] = {}
    for name in before:
        if name.endswith("]") and (fan := _fan_of(name, tasks)):
            found.setdefault(fan, []).append(name)
    return found


def _fan_of(name: str, tasks: Mapping[str, TaskDefinition]) -> str:
    """The fan of an item, or of a task that an item has added; empty for others."""
    if name in tasks:
        return ""
    ends = (name[:at] for at, sign in enumerate(name) if sign == "[")
    return next((fan for fan in ends if fan in tasks and tasks[fan].is_fan), "")


def _still_added(
    records: Mapping[str, Sequence[Mapping[str, Any]]], kept: Collection[str]
) -> dict[str, Sequence[Mapping[str, Any]]]:
    """What tasks that are kept had added, and what these had added in turn."""
    found: dict[str, Sequence[Mapping[str, Any]]] = {}
    ahead = [name for name in records if name in kept]
    while ahead:
        name = ahead.pop()
        found[name] = records[name]
        ahead += [one["name"] for one in records[name] if one["name"] in records]
    return found


def _row_of_added(record: Mapping[str, Any], before: Mapping[str, ExecutionState]) -> PlanRow:
    name = record["name"]
    if name not in before:
        return PlanRow(name, "run", "had not started")
    return _row(name, before[name], is_once=record["definition"].get("at_most_once", False))


def _row(name: str, before: ExecutionState | None, change: str = "", *, is_once: bool) -> PlanRow:
    match before:
        case None:
            return PlanRow(name, "new", "added since")
        case _S.COMPLETED:
            return PlanRow(name, "keep", f"although {change}" if change else "")
        case _S.RUNNING if is_once:
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
            return PlanRow(name, "skip", "left out before")
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


def _select(rows: Iterable[tuple[str, PlanRow]], selection: Selection, graph: Graph, wanted: set[str]) -> list[PlanRow]:
    marked = graph.within(selection.mark_completed)
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
