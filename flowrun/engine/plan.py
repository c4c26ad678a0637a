"""Plan: what may start next. Events in, instructions out; no clock, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..attempt import Outcome
from ..eventbus.execution import TERMINAL, ExecutionState
from ..jobdefinition.task_definition import TaskDefinition
from . import why
from .backoff import pause_seconds
from .consequences import Consequences
from .entry import Added, Entry, Past
from .family import Fan, group_of
from .graph import Graph
from .instruction import Abort, Instruction, RetryAfter, Start
from .slots import ALL, Admission, Slots

_AT_ONCE = 500
"""Of very many tasks that may start, so many are started in one turn: the first end before the last begin."""

_S = ExecutionState


class Plan(Consequences):
    """The only owner of states. Tell it what happened; carry out what it answers."""

    def __init__(
        self,
        tasks: Mapping[str, TaskDefinition],
        graph: Graph,
        admission: Admission | None = None,
        *,
        past: Past | None = None,
        fail_fast: bool = False,
        draw: Callable[[], float] = lambda: 0.5,
    ) -> None:
        """`draw` gives numbers from 0 to 1, for the jitter of pauses."""
        admission = admission or Admission()
        super().__init__(past or Past(), graph, Slots(admission.slots), fail_fast=fail_fast)
        self._draw = draw
        self._has_begun = False
        self._may_go_on = False
        self._left = len(tasks)
        self._families = {name: group_of(tasks[name], those) for name, those in graph.members.items()}
        remaining = admission.remaining(graph)
        with_all: dict[tuple[str, ...], tuple[str, ...]] = {}  # one for all tasks under the same limits

        self._entries = {
            name: Entry(
                task,
                len(graph.dependencies[name]),
                (-task.priority, -remaining[name], order),
                with_all.setdefault(own := admission.limits_of(name), (ALL, *own)),
                graph.parents.get(name),
            )
            for order, (name, task) in enumerate(tasks.items())
        }
        self._detached_left = sum(entry.is_detached for entry in self._entries.values())
        for name, number in self._past.attempts.items():
            if name in self._entries:
                self._entries[name].number = number

    def begin(self) -> list[Instruction]:
        """Consider every task and say what starts first: nothing, if the job was stopped before."""
        self._take_over()
        self._follow_up()
        for name, entry in list(self._entries.items()):
            self._consider(name, entry)
        return self._answer()

    def _take_over(self) -> None:
        self._has_begun = True
        for name in list(self._entries):
            if self._is_kept(name):
                if name in self._graph.members:
                    self._families[name].is_open = True
                self._end(name, _S.COMPLETED, added=self._past.added.get(name, ()))
            elif name in self._past.lost:
                self._end(name, _S.FAILED)
            else:
                self._move(name, _S.PENDING)

    def _is_kept(self, name: str) -> bool:
        """It completed before; a group only with all its members, but for those that are left out."""
        members = self._graph.members.get(name, ())
        return name in self._past.completed and all(it in self._past.skipped or self._is_kept(it) for it in members)

    @property
    def may_go_on(self) -> bool:
        """More may start at once than was said: ask `go_on` in the next turn."""
        return self._may_go_on

    def go_on(self) -> list[Instruction]:
        """Say what else may start, after there was too much for one answer."""
        self._may_go_on = False
        return self._answer()

    @property
    def awaited(self) -> dict[str, str]:
        """Limits outside of this job that had no slot, by a task that waits for it: ask `look_again` now and then."""
        return self._slots.awaited

    def look_again(self) -> list[Instruction]:
        """Say what may start if there are slots now."""
        self._slots.look_again()
        return self._answer()

    def finished(self, name: str, outcome: Outcome, added: Sequence[Added] = ()) -> list[Instruction]:
        """Record how an attempt ended and say what follows from it. `added` are the tasks that it added."""
        entry = self._entries[name]
        self._slots.give_back(entry.limits)
        if outcome.is_completed:
            if outcome.leaves_out_rest and entry.parent is not None:
                self._leave_out_rest(entry.parent, name)
            self._end(name, _S.COMPLETED, outcome, added)
        elif outcome.is_aborted:
            self._end(name, _S.ABORTED, outcome)
        else:
            entry.failures += 1
            if self._deserves_another_try(entry, outcome):
                entry.is_paused = True
                pause = pause_seconds(entry.definition.backoff, entry.failures, self._draw)
                self._move(name, _S.PENDING, outcome, pause)
                self._wanted.append(RetryAfter(name, pause))
            else:
                self._end(name, _S.FAILED, outcome)
        return self._answer()

    def retry_due(self, name: str) -> list[Instruction]:
        """The pause after a failed attempt is over."""
        entry = self._entries.get(name)
        if entry is not None and entry.state is _S.PENDING and entry.is_paused:
            entry.is_paused = False
            self._queue(name, entry)
        return self._answer()

    def decided(self, name: str, holds: bool) -> list[Instruction]:
        """The condition of a task holds, or not: then it is left out and its dependents go on."""
        entry = self._entries[name]
        if entry.state is not _S.PENDING:
            return []
        if holds:
            self._have_approved(name, entry)
        else:
            self._leave_out(name, why.is_false(entry.definition.when))
        return self._answer()

    def is_asking(self, name: str) -> bool:
        """The task waits for a person."""
        return name in self._asking and self._entries[name].state is _S.PENDING

    def approved(self, name: str) -> list[Instruction]:
        """A person has approved the task, and it may start."""
        if self.is_asking(name):
            self._asking.discard(name)
            self._make_ready(name, self._entries[name])
        return self._answer()

    def postponed(self, name: str, outcome: Outcome) -> list[Instruction]:
        """No answer came in time: the task does not start in this run, and can in one that continues it."""
        if self.is_asking(name):
            self._end(name, _S.ABORTED, outcome)
        return self._answer()

    def refused(self, name: str, outcome: Outcome) -> list[Instruction]:
        """The task cannot start, and no other try will change that."""
        if self._entries[name].state is not _S.PENDING:
            return []
        self._move(name, _S.RUNNING)
        self._end(name, _S.FAILED, outcome)
        self._end_members(name, _S.DEFAULTED)
        return self._answer()

    def expanded(self, name: str, keys: Sequence[str], allowed_failures: int = 0) -> list[Instruction]:
        """The task is performed once for each item with these keys, of which so many may fail."""
        entry = self._entries[name]
        if entry.state is not _S.PENDING:
            return []
        task = entry.definition
        fan = Fan(
            name,
            keys,
            allowed_failures=allowed_failures,
            stops_on_failure=task.on_failure == "stop",
            window=task.max_concurrency,
        )
        self._families[name] = fan
        self._take_over_items(fan, entry)
        self._open(name, entry, fan)
        return self._answer()

    def stop(self) -> list[Instruction]:
        """Abort what runs and start nothing more, but what cleans up: `run_if: always` and `failure`."""
        self._is_stopping = True
        if not self._has_begun:
            self._take_over()
            return self.give_up()
        return self._cut_short()

    def give_up(self) -> list[Instruction]:
        """Start nothing more at all, and abort what still runs."""
        self._is_stopping = self._has_given_up = True
        return self._cut_short()

    def _cut_short(self) -> list[Instruction]:
        self._may_go_on = False
        for name in self._slots.clear():
            entry = self._entries[name]
            entry.is_ready = False
            if self._cleans_up(entry):
                self._queue(name, entry)
        for name, entry in list(self._entries.items()):
            if entry.state in TERMINAL or (self._cleans_up(entry) and name not in self._asking):
                continue
            if entry.state in (_S.INIT, _S.PENDING):
                self._end_unstarted(name, self._when_stopped(name), "")
            elif entry.state is _S.RUNNING:
                self._abort(name)
        return self._answer()

    def _when_stopped(self, name: str) -> ExecutionState:
        return _S.SKIP if name in self._past.skipped else _S.ABORTED

    def _abort(self, name: str) -> None:
        """Have the attempt ended; a group has none, and a fan starts no further items."""
        family = self._families.get(name)
        if family is None:
            self._wanted.append(Abort(name))
        elif isinstance(family, Fan):
            family.leave_out_rest(_S.ABORTED)
            self._close_if_over(name, family)

    def _deserves_another_try(self, entry: Entry, outcome: Outcome) -> bool:
        wanted = entry.definition.retry_on
        return (
            (not self._is_stopping or self._cleans_up(entry))
            and not outcome.is_final
            and not outcome.abandoned  # its thread may still be at work: two attempts must never overlap
            and entry.failures < entry.definition.max_attempts
            and (not wanted or not set(wanted).isdisjoint(outcome.error_types))
        )

    def _answer(self) -> list[Instruction]:
        """What is to be done after all that has just been told."""
        if not self._has_to_stop:
            self._follow_up()
        if self._has_to_stop:
            self._has_to_stop = False
            return self.stop()
        wanted, self._wanted = self._wanted, []
        if self._may_go_on:
            return wanted
        for _ in range(_AT_ONCE):
            name = self._slots.take()
            if name is None:
                break
            entry = self._entries[name]
            entry.number += 1
            entry.is_ready = False
            self._move(name, _S.RUNNING)
            wanted.append(Start(name, entry.number))
        else:
            self._may_go_on = True
        return wanted
