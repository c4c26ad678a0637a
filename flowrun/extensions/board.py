"""Board: where every task of a running job stands, as far as its transitions have told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from ..eventbus.execution import (
    SATISFYING,
    ApprovalEvent,
    AttemptBegun,
    AttemptLookedFor,
    ExecutionState,
    ExecutionStateTransition,
    ItemsFound,
    TaskWaiting,
)
from ..eventbus.progress import Progress, ProgressEvent
from .background import Background
from .families import Families
from .tries import Tries

_S = ExecutionState


@dataclass(frozen=True, slots=True)
class Pause:
    """A task that will be tried again."""

    until: datetime
    message: str


class Board:
    """Where every task of a running job stands, as far as its transitions have told."""

    def __init__(self, background: Background) -> None:
        self.background = background
        self.families = Families(background.task)
        self.counts: Counter[ExecutionState] = Counter()
        """Of tasks without groups; where the items of a task are known, they are counted in its place."""
        self.running: dict[str, datetime] = {}
        """Since when, in order of their start; no groups, and no items."""
        self.progress: dict[str, Progress] = {}
        """How far running tasks are, as they say themselves."""
        self.pauses: dict[str, Pause] = {}
        self.tries = Tries(background.max_attempts)
        self.asked: dict[str, str] = {}
        """What people are asked about tasks that wait for an approval."""
        self.searches: dict[str, str] = {}
        """What became of attempts that an earlier life of the run had begun; empty: they are still looked for."""
        self._begun: set[str] = set()
        """Tasks whose attempts a worker elsewhere has begun."""
        self._began: dict[str, datetime] = {}
        self._states: dict[str, ExecutionState] = {}
        self._fans: list[str] = []
        self._held_up: dict[str, str] = {}

    def note(self, e: ExecutionStateTransition) -> None:
        """Note a transition."""
        items = self.families.note(e)
        self.tries.note(e)
        self._held_up.pop(e.name, None)
        self.asked.pop(e.name, None)
        if e.to_state is _S.RUNNING:
            self._began.setdefault(e.name, e.timestamp)
            if e.may_be_under_way:
                self.searches[e.name] = ""
        else:
            self._begun.discard(e.name)
        if items is None:
            self._note_task(e)

    def _note_task(self, e: ExecutionStateTransition) -> None:
        before = self._states.get(e.name)
        self._states[e.name] = e.to_state
        if self.families.is_group(e.name):
            return
        if self.families.of(e.name) is None:
            if before is not None:
                self.counts[before] -= 1
            self.counts[e.to_state] += 1
        self.running.pop(e.name, None)
        self.progress.pop(e.name, None)
        self.pauses.pop(e.name, None)
        if e.to_state is _S.RUNNING:
            self.running[e.name] = e.timestamp
        elif e.to_state is _S.PENDING and e.from_state is _S.RUNNING:
            message = e.outcome.message if e.outcome else ""
            self.pauses[e.name] = Pause(e.timestamp + timedelta(seconds=e.pause_seconds), message)

    def state(self, name: str) -> ExecutionState | None:
        """Where a task stands, if anything was heard of it; nothing is known here of items."""
        return self._states.get(name)

    def advance(self, e: ProgressEvent) -> None:
        """A task says how far it is; of items it is not noted."""
        if e.name in self.running:
            self.progress[e.name] = e.progress

    def hold_up(self, e: TaskWaiting) -> None:
        """A task waits for what other jobs have."""
        self._held_up[e.name] = e.what

    def ask(self, e: ApprovalEvent) -> None:
        """A task waits for a person, or an answer has come."""
        if e.answer:
            self.asked.pop(e.name, None)
        else:
            self.asked[e.name] = e.question

    def find(self, e: AttemptLookedFor) -> None:
        """It is known what became of an attempt."""
        self.searches[e.name] = e.found
        if e.found == "begun again":
            del self.searches[e.name]
            self._began[e.name] = e.timestamp

    def begin(self, e: AttemptBegun) -> None:
        """A worker elsewhere has begun an attempt: its time counts from now on."""
        if e.name in self._begun:  # another worker goes on with it
            return
        self._begun.add(e.name)
        if e.name in self.running:
            self.running[e.name] = e.timestamp
        if self.tries.number(e.name) == 1:
            self._began[e.name] = e.timestamp

    def waits_for_worker(self, name: str) -> bool:
        """The attempt of a task that runs was handed over, and no worker has begun it."""
        return name in self.background.queued and name not in self._begun and self.families.of(name) is None

    def open(self, found: ItemsFound) -> None:
        """From now on the items of a task are counted in its place."""
        self.families.open(found)
        self._fans.append(found.name)
        if (state := self._states.get(found.name)) is not None:
            self.counts[state] -= 1

    def totals(self) -> Counter[ExecutionState]:
        """How many tasks and items stand where."""
        totals = Counter(self.counts)
        for items in map(self.families.of, self._fans):
            if items is not None:
                totals.update(items.counts)
        return totals

    @property
    def attempts(self) -> int:
        """How many attempts are under way."""
        return self.totals()[_S.RUNNING]

    def seconds(self, e: ExecutionStateTransition) -> float:
        """From the first start of a task to its end, which this transition is. Asked once."""
        self.searches.pop(e.name, None)
        began = self._began.pop(e.name, e.timestamp)
        return (e.timestamp - began).total_seconds()

    def next_in_line(self) -> Iterator[tuple[str, str]]:
        """Tasks that wait for one that is under way, and those that a full pool holds up, each with what it waits for.

        Others wait for these, or for a free slot, which is no news.
        """
        given = set()
        for name in chain(self.running, self.pauses):
            for dependent in self.background.dependents_of(name):
                if self._states.get(dependent) is _S.PENDING and dependent not in given:
                    given.add(dependent)
                    yield dependent, ", ".join(self._unmet(dependent))
        for name in self._held_up_by_pools():
            if name not in given:
                yield name, self.pool(name)
        yield from self._held_up.items()

    def pool(self, name: str) -> str:
        """`pool warehouse 3/4`; empty for a task without one."""
        task = self.background.task(name)
        if task is None or task.pool is None:
            return ""
        slots = self.background.pools.get(task.pool)
        return f"pool {task.pool} {self._used(task.pool)}/{slots}" if slots else ""

    def _unmet(self, name: str) -> list[str]:
        dependencies = self.background.dependencies.get(name, ())
        return [one for one in dependencies if self._states.get(one) not in SATISFYING]

    def _used(self, pool: str) -> int:
        return sum(self._slots(one) for one in self.running if self._pool_of(one) == pool)

    def _slots(self, name: str) -> int:
        items = self.families.of(name)
        return 1 if items is None else items.counts[_S.RUNNING]

    def _pool_of(self, name: str) -> str | None:
        task = self.background.task(name)
        return None if task is None else task.pool

    def _held_up_by_pools(self) -> Iterator[str]:
        full = {pool for pool, slots in self.background.pools.items() if self._used(pool) >= slots}
        if not full:
            return
        for name, task in self.background.tasks.items():
            is_waiting = self._states.get(name) is _S.PENDING and name not in self.pauses
            if task.pool in full and is_waiting and name not in self.asked and not self._unmet(name):
                yield name
