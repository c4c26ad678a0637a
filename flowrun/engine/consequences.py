"""Consequences: what follows for others when a task ended, was left out, or may start."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from ..attempt import Outcome
from ..eventbus.execution import UNSUCCESSFUL, ExecutionState
from . import why
from .entry import Added, Entry, Past
from .family import Family, Fan
from .graph import Graph
from .instruction import Ask, Decide, Expand, Instruction
from .slots import ALL, Slots
from .standing import Standing
from .verdict import TEARDOWN, Verdict, verdict

_S = ExecutionState


class Consequences(Standing):
    """Follows up what ends: dependents, groups and their members, items, added tasks."""

    def __init__(self, past: Past, graph: Graph, slots: Slots, *, fail_fast: bool) -> None:
        super().__init__(past)
        self._graph = graph
        self._slots = slots
        self._fail_fast = fail_fast
        self._has_to_stop = False
        self._has_given_up = False
        self._wanted: list[Instruction] = []
        self._asking: set[str] = set()
        """Tasks that wait for a person."""
        self._settled: deque[str] = deque()
        self._dependents_of_added: dict[str, list[str]] = {}

    def _cleans_up(self, entry: Entry) -> bool:
        """The task, or the group that it is in, runs even if the job is stopped."""
        if self._has_given_up:
            return False
        while entry.definition.run_if not in TEARDOWN:
            if entry.parent is None:
                return False
            entry = self._entries[entry.parent]
        return True

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
            self._have_approved(name, entry)

    def _have_approved(self, name: str, entry: Entry) -> None:
        """A person is asked before the first attempt, and of a group or a fan before it opens."""
        if entry.definition.approve is None or name in self._past.approved:
            self._make_ready(name, entry)
        elif self._is_stopping:
            self._end(name, _S.ABORTED)
        else:
            self._asking.add(name)
            self._wanted.append(Ask(name))

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
