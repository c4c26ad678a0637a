"""Takeover: from what is kept of a run to what the next one does, task by task, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..checkpointer.checkpointer import CheckpointContents
from ..eventbus.execution import ExecutionState
from .entry import Past
from .graph import Graph
from .restart import PlanRow, RestartPlan, past_of, selected
from .selection import Selection
from .today import Today

_S = ExecutionState


def plan_restart(
    contents: CheckpointContents,
    today: Today,
    selection: Selection,
    *,
    rerun_changed: bool = False,
    without_result: Collection[str] = (),
) -> RestartPlan:
    """The plan of a run that continues `contents` with the definitions of today.

    Attempts that were cut off and may still be under way begin again under their number. Of the tasks and items
    `without_result` the result stayed elsewhere, and is gone.
    """
    takeover = _Takeover(contents, today, selection, rerun_changed=rerun_changed, without_result=set(without_result))
    return takeover.plan()


class _Takeover:
    """What is known when a run is continued."""

    def __init__(
        self,
        contents: CheckpointContents,
        today: Today,
        selection: Selection,
        *,
        rerun_changed: bool,
        without_result: set[str],
    ) -> None:
        self._contents = contents
        self._today = today
        self._graph = today.graph
        self._selection = selection
        self._without_result = without_result
        self._before = {name: _S(letter) for letter, names in contents.states.items() for name in names}
        self._items_of = today.items_of(self._before)
        self._changes = {
            name: today.changes(name, contents.digests.get(name))
            for name in self._graph.names
            if self._before.get(name) is _S.COMPLETED or name in self._items_of
        }
        changed = [name for name, change in self._changes.items() if change] if rerun_changed else []
        self._asked_by_change = {*changed, *self._graph.descendants(changed)}
        """Asked for because their definitions changed, and what comes after them."""
        self._again = selection.again(self._graph)
        """Asked for by name."""

    def plan(self) -> RestartPlan:
        """What becomes of everything that the job has or had."""
        contents = self._contents
        rows, once_more = self._rows()
        chosen = self._chosen(rows)
        kept = {row.task for row in chosen if row.verb == "keep"}
        items_kept, items_lost = self._items(anew=kept | self._again | self._asked_by_change | once_more)
        if self._without_result:
            items_kept -= self._without_result
            chosen = [_counted(row, self._items_of.get(row.task, ()), items_kept) for row in chosen]
        added = _still_added(contents.added, kept | items_kept)
        further = [_row_of_added(record, self._before) for records in added.values() for record in records]
        every = (*chosen, *further, *self._gone(further))
        restarted = frozenset(name for name, state in self._before.items() if state in (_S.FAILED, _S.RUNNING))
        past = self._past(every, items_kept, items_lost)
        return RestartPlan(contents.run_id, every, True, contents.started, past, restarted, added)

    def _rows(self) -> tuple[dict[str, PlanRow], set[str]]:
        """What becomes of each task, and those among them that only run to clean up again."""
        rows: dict[str, PlanRow] = {}
        for name in reversed(self._graph.names):  # members before their groups
            rows[name] = self._row(name, rows)
        once_more = self._cleaning_up_again(rows)
        rows.update((name, PlanRow(name, "rerun", "comes after tasks that run again")) for name in once_more)
        return rows, once_more

    def _row(self, name: str, rows: Mapping[str, PlanRow]) -> PlanRow:
        is_once = self._today.is_lost_if_cut_off(name) and not self._today.tasks[name].is_fan  # of a fan, each item
        row = _row(name, self._before.get(name), self._changes.get(name, ""), is_once=is_once)
        if row.verb in ("keep", "lost", "skip") and name in self._again:
            return PlanRow(name, "rerun", "asked for")
        if row.verb == "keep" and name in self._asked_by_change:
            return PlanRow(name, "rerun", self._changes.get(name) or "depends on a task that changed")
        if row.verb == "keep" and any(rows[member].is_to_run for member in self._graph.members.get(name, ())):
            return PlanRow(name, "rerun", "some of its tasks run again")
        if row.verb in ("rerun", "run") and name in self._items_of and name not in self._asked_by_change:
            return self._row_of_fan(name, row.why)
        if row.verb == "rerun" and self._before.get(name) is _S.RUNNING and self._is_sought(name):
            return PlanRow(name, "find", "was cut off, and may still be under way")
        return row

    def _row_of_fan(self, name: str, why: str) -> PlanRow:
        states = Counter(self._before[item] for item in self._items_of[name])
        if states[_S.RUNNING] and self._is_sought(name):
            number = states[_S.RUNNING]
            why += f"; {number:,} of its items may still be under way"
        return PlanRow(name, "rerun", why, items_kept=states[_S.COMPLETED])

    def _is_sought(self, name: str) -> bool:
        return name in self._today.outliving and name not in self._again

    def _cleaning_up_again(self, rows: Mapping[str, PlanRow]) -> set[str]:
        """Tasks that completed after others had failed, which run again, so that there is to be cleaned up again.

        And what comes after them.
        """
        graph, tasks = self._graph, self._today.tasks
        after = graph.descendants([name for name, row in rows.items() if row.is_to_run])
        found = graph.within([it for it in after if tasks[it].run_if != "success" and not tasks[it].at_most_once])
        found |= graph.descendants(found)
        return {name for name in found | graph.around(found) if rows[name].verb == "keep"}

    def _chosen(self, rows: Mapping[str, PlanRow]) -> list[PlanRow]:
        """What becomes of each task in the light of what is asked for, and of results that are gone."""
        graph = self._graph
        wanted = self._selection.wanted(graph, is_restart=True)
        chosen = selected([rows[name] for name in graph.names], self._selection, graph, wanted)
        made_again = _made_again(chosen, graph, self._without_result & wanted)
        return [made_again.get(row.task, row) for row in chosen]

    def _items(self, anew: Collection[str]) -> tuple[set[str], set[str]]:
        """The items that are kept, and those that must not start again, of fans that are not done `anew`."""
        ended = {item: fan for fan, names in self._items_of.items() if fan not in anew for item in names}
        kept = {item for item in ended if self._before[item] is _S.COMPLETED}
        cut_off = {item for item in ended if self._before[item] is _S.RUNNING}
        lost = {item for item in cut_off if self._today.is_lost_if_cut_off(ended[item])}
        return kept, lost

    def _gone(self, further: Iterable[PlanRow]) -> list[PlanRow]:
        left = sorted(set(self._before) - {*self._today.tasks, *(row.task for row in further)})
        return [
            PlanRow(name, "gone", "no longer defined; its values are dropped")
            for name in left
            if not self._today.fan_of(name)
        ]

    def _past(self, rows: Sequence[PlanRow], items_kept: set[str], items_lost: set[str]) -> Past:
        past, attempts = past_of(rows), self._contents.attempts
        cut_off = (name for name, state in self._before.items() if state is _S.RUNNING and name not in self._again)
        outlived = frozenset(filter(self._today.may_be_under_way, cut_off))
        return replace(
            past,
            completed={*past.completed, *items_kept},
            lost={*past.lost, *items_lost},
            approved=self._approved(),
            attempts={name: number - (name in outlived) for name, number in attempts.items()},
            outlived=outlived,
        )

    def _approved(self) -> frozenset[str]:
        if not self._contents.approvals:
            return frozenset()
        from .approved import approved_before

        return approved_before(self._contents, self._before, self._today.tasks)


def _made_again(rows: Iterable[PlanRow], graph: Graph, without_result: set[str]) -> dict[str, PlanRow]:
    """Tasks that are kept no longer, with the groups they are in: others are to run that are given their results."""
    ahead = [row.task for row in rows if row.is_to_run] if without_result else []
    kept = {row.task for row in rows if row.verb == "keep"}
    found: dict[str, PlanRow] = {}
    while ahead:
        name = ahead.pop()
        needed = set() if name in graph.members else graph.within(graph.needs[name])
        for one in sorted(needed & kept & without_result):
            kept.remove(one)
            ahead.append(one)
            found[one] = PlanRow(one, "rerun", "its result stayed on a cluster, and is gone")
    groups = graph.around(found) & kept
    return found | {name: PlanRow(name, "rerun", "some of its tasks run again") for name in groups}


def _counted(row: PlanRow, items: Collection[str], items_kept: Collection[str]) -> PlanRow:
    return replace(row, items_kept=sum(item in items_kept for item in items)) if row.is_to_run and items else row


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
