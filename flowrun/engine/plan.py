"""Plan: where every task of a job stands, and what may start next. Events in, instructions out; no clock, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from ..attempt import Outcome, Reason
from ..errors import IllegalTransition
from ..eventbus.execution import MAY_FOLLOW, TERMINAL, ExecutionState
from ..jobdefinition.model import TaskDefinition
from .backoff import pause_seconds
from .graph import Graph
from .instruction import Abort, Instruction, Move, RetryAfter, Start
from .slots import Rank, Slots

ALL = "*"
"""The limit that holds for every task."""

_S = ExecutionState


@dataclass(frozen=True, slots=True)
class Past:
    """What a plan takes over from the run that is continued, and what was asked for on the command line."""

    completed: Collection[str] = ()
    """Not started again."""
    skipped: Collection[str] = ()
    """Left out: they wait for their dependencies and then end without running."""
    lost: Collection[str] = ()
    """Were cut off while running and must not be started again."""
    attempts: Mapping[str, int] = field(default_factory=dict)
    """Numbers of the last attempts, so that numbers stay unique in a run."""


class _Entry:
    """One task's place in the plan."""

    __slots__ = ("definition", "failures", "limits", "number", "rank", "state", "waits_for")

    def __init__(self, definition: TaskDefinition, waits_for: int, rank: Rank, limits: tuple[str, ...]) -> None:
        self.definition = definition
        self.waits_for = waits_for
        self.rank = rank
        self.limits = limits
        self.state = _S.INIT
        self.number = 0
        self.failures = 0


class Plan:
    """The only owner of states. Tell it what happened; carry out what it answers."""

    def __init__(
        self,
        tasks: Mapping[str, TaskDefinition],
        graph: Graph,
        limits: Mapping[str, int] | None = None,
        *,
        limits_of: Callable[[str], tuple[str, ...]] = lambda _name: (),
        past: Past | None = None,
        fail_fast: bool = False,
        draw: Callable[[], float] = lambda: 0.5,
    ) -> None:
        """`limits` are numbers of slots by name (`ALL` holds for every task); `limits_of` names those of a task."""
        self._graph = graph
        self._past = past or Past()
        self._fail_fast = fail_fast
        self._draw = draw
        self._slots = Slots(limits or {})
        self._is_stopping = False
        self._has_begun = False
        self._left = len(tasks)
        self._moves: list[Move] = []
        self._held_back_by: dict[str, str] = {}
        paths = graph.longest_remaining_path()
        self._entries = {
            name: _Entry(
                task, len(graph.dependencies[name]), (-task.priority, -paths[name], order), (ALL, *limits_of(name))
            )
            for order, (name, task) in enumerate(tasks.items())
        }
        for name, number in self._past.attempts.items():
            if name in self._entries:
                self._entries[name].number = number

    @property
    def is_finished(self) -> bool:
        """Every task has ended."""
        return self._left == 0

    @property
    def is_stopping(self) -> bool:
        """Nothing more is started."""
        return self._is_stopping

    def state(self, name: str) -> ExecutionState:
        """Where a task stands."""
        return self._entries[name].state

    def states(self) -> dict[str, ExecutionState]:
        """Where every task stands, in file order."""
        return {name: entry.state for name, entry in self._entries.items()}

    def attempts(self) -> dict[str, int]:
        """Number of the last attempt of each task that had one."""
        return {name: entry.number for name, entry in self._entries.items() if entry.number}

    def number(self, name: str) -> int:
        """Number of the last attempt of a task; 0 if it had none."""
        return self._entries[name].number

    def tries(self, name: str) -> int:
        """How many attempts of a task this plan has started."""
        return self._entries[name].number - self._past.attempts.get(name, 0)

    def held_back_by(self, name: str) -> str:
        """The dependency that did not complete, for a task that was held back."""
        return self._held_back_by.get(name, "")

    def take_moves(self) -> list[Move]:
        """What has moved since the last call, in order."""
        moves, self._moves = self._moves, []
        return moves

    def begin(self) -> list[Instruction]:
        """Consider every task and say what starts first: nothing, if the job was stopped before."""
        self._has_begun = True
        for name in self._entries:
            if name in self._past.completed:
                self._move(name, _S.COMPLETED)
            elif name in self._past.lost:
                self._move(name, _S.FAILED)
            else:
                self._move(name, _S.PENDING)
        for name, state in self.states().items():
            if state is _S.COMPLETED:
                self._release(name)
            elif state is _S.FAILED:
                self._hold_back_dependents(name)
            elif not self._graph.dependencies[name]:
                self._is_ready(name)
        return self._starts()

    def finished(self, name: str, outcome: Outcome) -> list[Instruction]:
        """Record how an attempt ended and say what follows from it."""
        entry = self._entries[name]
        self._slots.give_back(entry.limits)
        if outcome.is_completed:
            self._move(name, _S.COMPLETED, outcome)
            self._release(name)
            return self._starts()
        if outcome.is_aborted:
            self._move(name, _S.ABORTED, outcome)
            self._hold_back_dependents(name)
            return self._starts()
        entry.failures += 1
        if self._deserves_another_try(entry, outcome):
            self._move(name, _S.PENDING, outcome)
            pause = pause_seconds(entry.definition.backoff, entry.failures, self._draw)
            return [RetryAfter(name, pause), *self._starts()]
        self._move(name, _S.FAILED, outcome)
        self._hold_back_dependents(name)
        return self.stop() if self._fail_fast else self._starts()

    def retry_due(self, name: str) -> list[Instruction]:
        """The pause after a failed attempt is over."""
        if self._entries[name].state is _S.PENDING:
            self._is_ready(name)
        return self._starts()

    def stop(self) -> list[Instruction]:
        """Start nothing more, abort what runs."""
        self._is_stopping = True
        if not self._has_begun:
            self.begin()
        self._slots.clear()
        aborts: list[Instruction] = []
        for name, entry in self._entries.items():
            if entry.state in (_S.INIT, _S.PENDING):
                self._move(name, _S.SKIP if name in self._past.skipped else _S.ABORTED)
            elif entry.state is _S.RUNNING:
                aborts.append(Abort(name))
        return aborts

    def _deserves_another_try(self, entry: _Entry, outcome: Outcome) -> bool:
        wanted = entry.definition.retry_on
        return (
            not self._is_stopping
            and not outcome.abandoned  # its thread may still be at work: two attempts must never overlap
            and entry.failures < entry.definition.max_attempts
            and (not wanted or not set(wanted).isdisjoint(outcome.error_types))
        )

    def _is_ready(self, name: str) -> None:
        if name not in self._past.skipped:
            entry = self._entries[name]
            self._slots.add(name, entry.rank, entry.limits)
            return
        self._move(name, _S.SKIP)
        self._release(name)

    def _release(self, name: str) -> None:
        """Tell the dependents of a task that it is satisfied. Without recursion: a chain may be very long."""
        satisfied = [name]
        while satisfied:
            for dependent in self._graph.dependents[satisfied.pop()]:
                entry = self._entries[dependent]
                entry.waits_for -= 1
                if entry.waits_for or entry.state is not _S.PENDING:
                    continue
                if dependent in self._past.skipped:
                    self._move(dependent, _S.SKIP)
                    satisfied.append(dependent)
                else:
                    self._slots.add(dependent, entry.rank, entry.limits)

    def _hold_back_dependents(self, name: str) -> None:
        """What was left out stays left out, and passes the failure on to its own dependents."""
        reached = [(name, name)]
        while reached:
            at, cause = reached.pop()
            for dependent in self._graph.dependents[at]:
                if self._entries[dependent].state is not _S.PENDING:
                    continue
                if dependent in self._past.skipped:
                    self._move(dependent, _S.SKIP)
                    reached.append((dependent, cause))
                    continue
                self._held_back_by[dependent] = cause
                why = Outcome.failed(f"{cause!r} did not complete", Reason.NOT_STARTED)
                self._move(dependent, _S.DEFAULTED, why)
                reached.append((dependent, dependent))

    def _starts(self) -> list[Instruction]:
        starts: list[Instruction] = []
        while not self._is_stopping and (name := self._slots.take()) is not None:
            entry = self._entries[name]
            entry.number += 1
            self._move(name, _S.RUNNING)
            starts.append(Start(name, entry.number))
        return starts

    def _move(self, name: str, to: ExecutionState, outcome: Outcome | None = None) -> None:
        entry = self._entries[name]
        if to not in MAY_FOLLOW[entry.state]:
            raise IllegalTransition(name, entry.state.name, to.name)
        self._moves.append(Move(name, entry.state, to, entry.number, outcome))
        entry.state = to
        self._left -= to in TERMINAL
