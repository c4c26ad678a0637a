"""Books: what is written down of a run, for those who continue it and for its report."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..attempt import Outcome
from ..errors import StateError
from ..eventbus import EventBus
from ..eventbus.event import SerializableEvent
from ..eventbus.execution import TERMINAL, UNSUCCESSFUL, AttemptBegun, ExecutionState
from ..eventbus.log import LogLinesEvent, LogWriteEvent
from ..loggers.logger import log_of
from .instruction import Move
from .job import Job
from .keeper import Keeper
from .ledger import Ledger
from .plan import Plan
from .results import Results
from .task_report import TaskReport

if TYPE_CHECKING:
    from .readers import Readers


class Books:
    """Every move goes through them: it is kept, and then noted for the report."""

    def __init__(self, job: Job, plan: Plan, keeper: Keeper, when_lost: Callable[[], None]) -> None:
        """`when_lost` is called when the state cannot be kept; from then on nothing is."""
        self._job = job
        self._plan = plan
        self._keeper = keeper
        self._when_lost = when_lost
        self._ledger = Ledger()
        self._readers = _readers_of(job)
        self.results = Results(keeper.results, plan, job.graph, job.store, encodes=job.encodes, readers=self._readers)
        self.error = ""
        """Why the state of the run cannot be kept any more."""
        self._began_at = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return time.monotonic() - self._began_at

    @property
    def up_to_date(self) -> int:
        """How many tasks and items took the outcome of an earlier run."""
        return self._ledger.up_to_date

    def listen(self, bus: EventBus) -> None:
        """Note what is told of attempts while they are under way."""
        bus.subscribe(AttemptBegun, self._note_begin)
        bus.subscribe(LogLinesEvent, self._ledger.hear)
        bus.subscribe(LogWriteEvent, self._ledger.hear)

    def _note_begin(self, event: SerializableEvent) -> None:
        if isinstance(event, AttemptBegun):
            self._ledger.begin_elsewhere(event, self.seconds)

    async def keep(self, moves: list[Move], at: datetime) -> list[Move]:
        """Keep the moves and note them; gives them as the world may hear of them."""
        if not moves:
            return moves
        moves = [self._hidden(self._with_result(move)) for move in moves]
        if not self.error:
            with self.noticing_lost_state():
                await self._keeper.keep(moves, at)
        self._note(moves, self.seconds)
        return moves

    async def keep_answers(self, answers: Mapping[str, dict[str, Any]], at: datetime) -> bool:
        """What people have said is kept before anything follows from it. Says whether it is."""
        if self.error:
            return False
        with self.noticing_lost_state():
            await self._keeper.keep_answers(answers, at)
            return True
        return False

    async def write_snapshot(self) -> None:
        """Write everything, if something happened that only a snapshot will keep."""
        if self._keeper.needs_snapshots and not self.error:
            with self.noticing_lost_state():
                await self._keeper.write_snapshot()

    @contextlib.contextmanager
    def noticing_lost_state(self) -> Iterator[None]:
        """What cannot be kept or written ends the run, and is raised no further."""
        try:
            yield
        except StateError as error:
            self.error = str(error)
            self._when_lost()

    def _note(self, moves: Sequence[Move], at_seconds: float) -> None:
        for move in moves:
            self._ledger.enter(move, at_seconds)
            if self._readers is not None and move.to_state in TERMINAL:
                self._reader_ended(move)
            if move.to_state in TERMINAL and not self._plan.knows(move.name):
                self._ledger.close_item(move, self._plan.definition_of_item(move.name), at_seconds)

    def _reader_ended(self, move: Move) -> None:
        has_completed = move.to_state is ExecutionState.COMPLETED
        if done := self.results.reader_ended(move.name, has_completed=has_completed):
            for executor in self._job.executors.values():
                executor.let_go(done)

    def _with_result(self, move: Move) -> Move:
        """Take the result of a task that completed; that of a group or a fan is made of its members' results."""
        outcome = move.outcome
        if move.to_state is not ExecutionState.COMPLETED:
            return move
        if outcome is not None and (outcome.result is not None or outcome.live is not None):
            self.results.keep(move.name, outcome.result, live=outcome.live)
            if self._readers is not None and outcome.live is not None:
                return move._replace(outcome=outcome.but(live=None))
        elif self._plan.has_members(move.name) and (text := self.results.gather(move.name)) is not None:
            self.results.keep(move.name, text)
            return move._replace(outcome=(outcome or Outcome.completed()).but(result=text))
        return move

    def _hidden(self, move: Move) -> Move:
        """What is kept and told of a move shows no secret."""
        mask = self._job.mask
        if mask is None or move.outcome is None:
            return move
        return move._replace(outcome=mask.outcome(move.outcome))

    def task_reports(self) -> dict[str, TaskReport]:
        """How every task stands or has ended, and the items that did not complete."""
        return {name: self._task_report(name) for name in (*self._plan.names(), *self._ledger.items)}

    def _task_report(self, name: str) -> TaskReport:
        report = self._ledger.items.get(name) or self._ledger.report(name, self._plan.definition(name), self._plan)
        if report.state not in UNSUCCESSFUL:
            return report
        is_allowed = self._plan.may_have_failed(name)
        return replace(report, log=log_of(self._job.loggers.values(), name), is_allowed=is_allowed)


def _readers_of(job: Job) -> Readers | None:
    """Nobody reads a result in a job without expressions, and what is not kept as text is kept as it is."""
    if not job.encodes or not job.expressions:
        return None
    from .readers import Readers

    return Readers(job.expressions, job.graph, job.flat)
