"""Plan: where every task of a job stands, and what may start next. Events in, instructions out; no clock, no I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..attempt import Outcome
from ..eventbus.execution import TERMINAL, UNSUCCESSFUL, ExecutionState
from ..jobdefinition.model import TaskDefinition
from . import why
from .backoff import pause_seconds
from .entry import Added, Entry, Past
from .family import Family, Fan, group_of
from .graph import Graph
from .instruction import Abort, Decide, Expand, Instruction, RetryAfter, Start
from .slots import OutsideLimit, Slots
from .standing import Standing
from .verdict import TEARDOWN, Verdict, verdict

ALL = "*"
"""The limit that holds for every task."""

_AT_ONCE = 500
"""Of very many tasks that may start, so many are started in one turn: the first end before the last begin."""

_S = ExecutionState


class Plan(Standing):
    """The only owner of states. Tell it what happened; carry out what it answers."""

    def __init__(
        self,
        tasks: Mapping[str, TaskDefinition],
        graph: Graph,
        limits: Mapping[str, int | OutsideLimit] | None = None,
        *,
        limits_of: Callable[[str], tuple[str, ...]] = lambda _name: (),
        past: Past | None = None,
        fail_fast: bool = False,
        draw: Callable[[], float] = lambda: 0.5,
    ) -> None:
        """`limits` are numbers of slots by name (`ALL` holds for every task); `limits_of` names those of a task."""
        super().__init__(past or Past())
        self._graph = graph
        self._fail_fast = fail_fast
        self._draw = draw
        self._slots = Slots(limits or {})
        self._has_begun = False
        self._has_to_stop = False
        self._has_given_up = False
        self._may_go_on = False
        self._left = len(tasks)
        self._wanted: list[Instruction] = []
        self._settled: deque[str] = deque()
        self._dependents_of_added: dict[str, list[str]] = {}
        self._families = {name: group_of(tasks[name], those) for name, those in graph.members.items()}
        paths = graph.longest_remaining_path()
        with_all: dict[tuple[str, ...], tuple[str, ...]] = {}  # one for all tasks under the same limits

        self._entries = {
            name: Entry(
                task,
                len(graph.dependencies[name]),
                (-task.priority, -paths[name], order),
                with_all.setdefault(own := limits_of(name), (ALL, *own)),
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
            self._make_ready(name, entry)
        else:
            self._leave_out(name, why.is_false(entry.definition.when))
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
            if entry.state in TERMINAL or self._cleans_up(entry):
                continue
            if entry.state in (_S.INIT, _S.PENDING):
                self._end_unstarted(name, self._when_stopped(name), "")
            elif entry.state is _S.RUNNING:
                self._abort(name)
        return self._answer()

    def _cleans_up(self, entry: Entry) -> bool:
        """The task, or the group that it is in, runs even if the job is stopped."""
        if self._has_given_up:
            return False
        while entry.definition.run_if not in TEARDOWN:
            if entry.parent is None:
                return False
            entry = self._entries[entry.parent]
        return True

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

    def _may_fail(self, entry: Entry) -> bool:
        """The failure is one of those that a group or a fan around the task allows, or nobody waits for the task."""
        if entry.is_detached:
            return True
        while entry.parent is not None:
            family = self._families[entry.parent]
            if family.failed < family.allowed_failures:
                return True
            entry = self._entries[entry.parent]
        return False

    def _consider(self, name: str, entry: Entry) -> None:
        """See what follows for a task that waits."""
        if entry.state is not _S.PENDING or entry.is_due:
            return
        if entry.parent is not None and not self._families[entry.parent].is_open:
            return
        if entry.waits_for and entry.parent is not None and self._entries[entry.parent].definition.serial is not None:
            return  # held back, or with enough completed, it would end or start before the one before it has ended
        said = verdict(
            entry.definition, waits_for=entry.waits_for, completed=entry.completed, has_failed=bool(entry.cause)
        )
        if said is Verdict.GO:
            self._due(name, entry)
        elif said is Verdict.LEAVE_OUT:
            self._leave_out(name, why.NOTHING_FAILED)
        elif said is Verdict.HOLD_BACK:
            self._hold_back(name, entry)

    def _due(self, name: str, entry: Entry) -> None:
        if name in self._past.skipped:
            self._leave_out(name, why.ON_REQUEST)
            return
        entry.is_due = True
        if entry.definition.when is not None:
            self._wanted.append(Decide(name))
        else:
            self._make_ready(name, entry)

    def _make_ready(self, name: str, entry: Entry) -> None:
        family = self._families.get(name)
        if entry.definition.is_fan:
            self._wanted.append(Expand(name))
        elif family is not None:
            self._open(name, entry, family)
        else:
            self._queue(name, entry)

    def _queue(self, name: str, entry: Entry) -> None:
        entry.is_ready = True
        self._slots.add(name, entry.rank, entry.limits)

    def _leave_out(self, name: str, because: str) -> None:
        """The task ends without running, and its dependents go on, whatever failed before it."""
        self._entries[name].cause = ""
        self._end(name, _S.SKIP, why.not_started(because))

    def _hold_back(self, name: str, entry: Entry) -> None:
        """What was left out on request stays left out, and passes the failure on to its own dependents."""
        if name in self._past.skipped:
            self._end(name, _S.SKIP, why.not_started(why.ON_REQUEST))
            return
        self._end(name, _S.DEFAULTED, why.not_started(why.did_not_complete(entry.cause)))

    def _open(self, name: str, entry: Entry, family: Family) -> None:
        """The members of a group, or the items of a fan, may start."""
        self._move(name, _S.RUNNING)
        family.is_open = True
        if isinstance(family, Fan):
            self._feed(family, entry)
        else:
            for member in family.members:
                self._consider(member, self._entries[member])
        self._close_if_over(name, family)

    def _take_over_items(self, fan: Fan, entry: Entry) -> None:
        """Items that ended before do not start again; what they had added goes on."""
        past = self._past
        if not past.completed and not past.lost:
            return
        for position in range(len(fan.members)):
            name = fan.item(position)
            if name in past.lost:
                fan.take_over(position, _S.FAILED)
                self._enter_item(fan, position, entry)
                self._end(name, _S.FAILED)
            elif name in past.added and name in past.completed:
                fan.take_over(position, _S.COMPLETED)
                self._enter_item(fan, position, entry)
                self._end(name, _S.COMPLETED, added=past.added[name])
            elif name in past.completed:
                fan.keep(position)

    def _feed(self, fan: Fan, entry: Entry) -> None:
        """Have the next items wait for a slot."""
        for position in fan.next_positions():
            item = self._enter_item(fan, position, entry)
            item.state = _S.PENDING
            self._queue(fan.item(position), item)

    def _enter_item(self, fan: Fan, position: int, entry: Entry) -> Entry:
        name = fan.item(position)
        item = Entry(entry.definition, 0, (*entry.rank, position), entry.limits, fan.name)
        item.number = self._past.attempts.get(name, 0)
        item.is_due = True
        self._entries[name] = item
        self._items[name] = fan, position
        self._left += 1
        self._detached_left += item.is_detached
        return item

    def _close_if_over(self, name: str, family: Family) -> None:
        entry = self._entries[name]
        if family.left == 0 and entry.state is _S.RUNNING:
            self._end(name, family.state, family.outcome)

    def _leave_out_rest(self, group: str, asked_by: str) -> None:
        """A member asked that those which have not started do not start any more."""
        family = self._families[group]
        for member in self._waiting(family):
            self._leave_out(member, why.left_out_by(asked_by))
        if isinstance(family, Fan):
            family.leave_out_rest(_S.SKIP)

    def _waiting(self, family: Family) -> list[str]:
        """The members, or the items under way, that have not started, or pause."""
        names: Iterable[str] = family.members
        if isinstance(family, Fan):
            names = [name for name, (fan, _) in self._items.items() if fan is family]
        return [name for name in names if self._entries[name].state is _S.PENDING]

    def _end(self, name: str, to: ExecutionState, outcome: Outcome | None = None, added: Sequence[Added] = ()) -> None:
        """Move a task to its last state; what follows from it for others is seen to by `_follow_up`."""
        entry = self._entries[name]
        was = entry.state
        if was is _S.PENDING and entry.is_ready:
            self._slots.withdraw(name)
        self._move(name, to, outcome)
        if to is _S.FAILED and was is _S.RUNNING and self._fail_fast and not self._is_stopping:
            self._has_to_stop = self._has_to_stop or not self._may_fail(entry)
        if added:
            self._take_in(name, added)
        else:
            self._settled.append(name)
        if was is not _S.RUNNING and to is not _S.COMPLETED:
            self._end_members(name, to)

    def _end_members(self, name: str, to: ExecutionState) -> None:
        """A group that never opened takes its members with it."""
        for member in self._graph.members.get(name, ()):
            entry = self._entries[member]
            if entry.state in (_S.INIT, _S.PENDING):
                entry.cause = (entry.cause or self._entries[name].cause or name) if to in UNSUCCESSFUL else ""
                self._end_unstarted(member, _S.SKIP if member in self._past.skipped else to, f"{name!r} is left out")

    def _end_unstarted(self, name: str, to: ExecutionState, left_out: str) -> None:
        """End a task whose group never opened, or whose job was stopped, with the reason if there is one to tell."""
        if to is _S.SKIP:
            because = why.ON_REQUEST if name in self._past.skipped else left_out
            self._end(name, to, why.not_started(because))
        elif to is _S.DEFAULTED:
            self._end(name, to, why.not_started(why.did_not_complete(self._entries[name].cause)))
        else:
            self._end(name, to)

    def _take_in(self, name: str, added: Sequence[Added]) -> None:
        """Tasks that `name` added become its family; who waits for it waits for them too."""
        spawner = self._entries[name]
        family = self._families[name] = Family([one.name for one in added])
        family.is_open = True
        self._left += len(added)
        dependents: dict[str, list[str]] = {one.name: [] for one in added}
        for order, one in enumerate(added):
            rank = (-one.definition.priority or spawner.rank[0], *spawner.rank[1:], order)
            entry = Entry(one.definition, len(one.definition.depends_on), rank, (ALL, *one.limits), name)
            entry.number = self._past.attempts.get(one.name, 0)
            entry.is_detached = spawner.is_detached
            self._detached_left += spawner.is_detached
            self._entries[one.name] = entry
            if one.stands_in:
                self._stand_ins[name] = one.name
            for dependency in one.definition.depends_on:
                dependents[dependency].append(one.name)
        self._dependents_of_added.update(dependents)
        for one in added:
            if one.name in self._past.completed:
                self._end(one.name, _S.COMPLETED, added=self._past.added.get(one.name, ()))
            elif one.name in self._past.lost:
                self._end(one.name, _S.FAILED)
            else:
                self._move(one.name, _S.PENDING)
        for one in added:
            entry = self._entries[one.name]
            if self._is_stopping and not self._cleans_up(entry):
                if entry.state is _S.PENDING:
                    self._end(one.name, _S.ABORTED)
            else:
                self._consider(one.name, entry)

    def _follow_up(self) -> None:
        """Tell everyone whom it concerns that tasks ended. Without recursion: a chain may be very long."""
        while self._settled:
            name = self._settled.popleft()
            entry = self._entries[name]
            cause = self._cause(name, entry)
            for dependent in self._dependents_of(name):
                other = self._entries[dependent]
                other.waits_for -= 1
                if not cause:
                    other.completed += 1
                elif not self._only_follows(dependent, name):
                    other.cause = other.cause or cause
                self._consider(dependent, other)
            if entry.parent is not None:
                state = _S.FAILED if cause and entry.state is _S.COMPLETED else entry.state
                self._tell_family(entry.parent, name, state)

    def _dependents_of(self, name: str) -> Sequence[str]:
        found = self._graph.dependents.get(name)
        return self._dependents_of_added.get(name, ()) if found is None else found

    def _cause(self, name: str, entry: Entry) -> str:
        """The task to blame if dependents of `name` cannot go on; empty if they can."""
        family = self._families.get(name)
        if entry.state in UNSUCCESSFUL:
            return name
        if entry.state is _S.SKIP:
            return entry.cause
        if family is not None and self._failed_later(name):
            return family.cause
        return ""

    def _only_follows(self, name: str, before: str) -> bool:
        """`name` comes after `before` in a group that goes on after failures, and does not depend on it."""
        parent = self._entries[name].parent
        return (
            parent is not None
            and self._graph.follows.get(name) == before
            and not self._families[parent].stops_on_failure
        )

    def _tell_family(self, parent: str, name: str, state: ExecutionState) -> None:
        family = self._families[parent]
        family.ended(name, state)
        if family.is_to_stop:
            self._hold_back_rest(family)
        if isinstance(family, Fan):
            self._item_ended(family, name)
        owner = self._entries[parent]
        if owner.state is _S.COMPLETED and parent not in self._graph.members:
            if family.left == 0:
                self._settled.append(parent)  # the tasks that it added have ended
        else:
            self._close_if_over(parent, family)

    def _item_ended(self, fan: Fan, name: str) -> None:
        entry = self._entries.pop(name)
        _, position = self._items.pop(name)
        self._families.pop(name, None)
        fan.settle(position, entry.state)
        if entry.number > 1 or entry.state is not _S.COMPLETED:
            fan.numbers[position] = entry.number
        fan.under_way -= 1
        owner = self._entries[fan.name]
        if not self._is_stopping or self._cleans_up(owner):
            self._feed(fan, owner)

    def _hold_back_rest(self, family: Family) -> None:
        for member in self._waiting(family):
            entry = self._entries[member]
            if isinstance(family, Fan) or entry.definition.run_if == "success":
                entry.cause = entry.cause or family.cause
                self._hold_back(member, entry)
        if isinstance(family, Fan):
            family.leave_out_rest(_S.DEFAULTED)

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
