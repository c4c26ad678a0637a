"""Loop: the synchro loop. Carries out what the plan wants, tells it what happened, and lets the world know."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

from ..attempt import Outcome
from ..checkpointer.checkpointer import CheckpointContents
from ..errors import CheckpointInvalidError, FlowrunError, StateError
from ..eventbus import EventBus
from ..eventbus.event import SerializableEvent
from ..eventbus.execution import (
    TERMINAL,
    UNSUCCESSFUL,
    AttemptBegun,
    ExecutionState,
    SerializableExecutionEvent,
)
from ..eventbus.log import LogLinesEvent, LogWriteEvent, SerializableLogEvent
from ..executors.executor import release
from ..loggers.logger import log_of
from .announcer import Announcer
from .beginnings import Beginnings, not_started
from .clock import Clock
from .entry import Added
from .instruction import Abort, Ask, Decide, Expand, Instruction, Move, RetryAfter, Start
from .job import Job
from .keeper import Keeper
from .ledger import Ledger
from .plan import Plan
from .readers import Readers
from .report import Ending, Report, TaskReport
from .restart import RestartPlan
from .results import Results
from .roster import Roster
from .running import Running
from .subscribers import Subscribers

if TYPE_CHECKING:
    from .approvals import Approvals

Happened = Callable[[], Sequence[Instruction]]

_BEFORE_THE_END = (Ending.STOPPED, Ending.DEADLINE, Ending.WAITING)


class Loop:
    """Runs one job. Everything that happens comes through one inbox; nothing else moves the plan."""

    def __init__(
        self,
        job: Job,
        start: RestartPlan,
        subscribers: Subscribers,
        before: CheckpointContents | None,
        *,
        draw: Callable[[], float],
        clock: Clock,
        answers: Mapping[str, bool] | None = None,
    ) -> None:
        """`before` is what is kept of the run that is continued; `draw` gives numbers from 0 to 1 for jitter.

        With `answers` nobody is asked for an approval.
        """
        self._job = job
        self._start = start
        self._roster = Roster(job)
        self._plan = _plan_of(job, start, self._roster, draw)
        self._keeper = Keeper(job, start, self._plan, before)
        self._subscribers = subscribers
        self._ledger = Ledger()
        self._bus = EventBus(job.mask.event if job.mask is not None else None)
        self._running = Running(self._bus, job.config.grace_seconds, self._ended, marks_silent=subscribers.hears_silent)
        self._readers = Readers(job.expressions, job.graph, job.flat) if job.encodes and job.expressions else None
        self._results = Results(
            self._keeper.results, self._plan, job.graph, job.store, encodes=job.encodes, readers=self._readers
        )
        self._inbox: deque[Happened] = deque()
        self._wake = asyncio.Event()
        self._ending = Ending.DONE
        self._signal: int | None = None
        self._times_told = 0
        self._when_over: Callable[[Report], None] | None = None
        self._waits_outside = False
        self._error = ""
        self._service_error = ""
        self._notices: list[str] = []
        self._clock = clock
        self._answers = answers
        self._approvals: Approvals | None = None
        self._started = clock.now()
        self._clock_zero = time.monotonic()
        self._announcer = Announcer(
            self._bus,
            self._plan,
            job.name,
            singly=subscribers.hears_moves,
            together=subscribers.hears_batches,
        )
        self._beginnings = Beginnings(job, start, self._plan, self._roster, self._results, self._started)

    def stop(self, signal: int | None = None) -> None:
        """End the job: the first call asks the tasks to end, the second kills them."""
        self._put(lambda: self._told_to_stop(signal))

    def notice(self, executor: str, message: str) -> None:
        """Tell the world what an executor has to say."""
        self._announcer.notice(executor, message)

    def give_up(self, executor: str, reason: str) -> None:
        """A service that an executor needs stayed unreachable: the job ends and can be continued."""
        self._put(lambda: self._without_service(f"{executor}: {reason}"))

    async def run(self, when_over: Callable[[Report], None] | None = None) -> Report:
        """Run the job to its end. `when_over` is told before that how it went if only detached tasks are left.

        Raises StateError if the first checkpoint cannot be written: then nothing has started.
        """
        self._when_over = when_over
        try:
            await self._open()
            await self._run_to_the_end()
        except BaseException:
            if self._approvals is not None:
                self._approvals.fall_silent()
            self._running.kill_all()
            await release(self._job.executors.values())
            raise
        await self._close()
        return self._report()

    async def _open(self) -> None:
        await self._keeper.open()
        for executor in self._job.executors.values():
            await executor.on_create()
        self._bus.subscribe(SerializableExecutionEvent, self._subscribers.hear)
        self._bus.subscribe(SerializableLogEvent, self._subscribers.hear)
        self._bus.subscribe(AttemptBegun, self._note_begin)
        self._bus.subscribe(LogLinesEvent, self._ledger.hear)
        self._bus.subscribe(LogWriteEvent, self._ledger.hear)
        await self._subscribers.open(self._start.is_restart)

    async def _run_to_the_end(self) -> None:
        loop = asyncio.get_running_loop()
        deadline, snapshots = self._job.config.deadline, self._job.config.checkpointer_interval_seconds
        timers = [loop.call_later(deadline, self._put, lambda: self._stop(Ending.DEADLINE))] if deadline else []
        snapshot_due, look_due = loop.time() + snapshots, 0.0
        instructions: list[Instruction] = self._empty_inbox()  # a signal may have come before anything began
        if not self._plan.is_stopping:
            instructions = self._plan.begin()
        while True:
            await self._follow(instructions)
            if self._plan.is_finished and not self._inbox:
                break
            if self._plan.is_over and self._when_over is not None and not self._plan.is_stopping:
                self._when_over(self._report())
                self._when_over = None
            self._tell_of_waiting()
            await self._next_turn()
            if loop.time() >= snapshot_due:
                snapshot_due = loop.time() + snapshots
                await self._write_snapshot()
            instructions = self._empty_inbox()
            if self._plan.may_go_on:
                instructions += self._plan.go_on()
            if self._waits_outside and loop.time() >= look_due:
                look_due = loop.time() + self._job.config.synchro_interval_seconds
                instructions += self._plan.look_again()
        for timer in timers:
            timer.cancel()

    async def _next_turn(self) -> None:
        if self._plan.may_go_on:
            await asyncio.sleep(0)
        elif not self._inbox and not self._keeper.needs_snapshots and not self._waits_outside:
            await self._wake.wait()
        elif not self._inbox:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._job.config.synchro_interval_seconds):
                    await self._wake.wait()
        self._wake.clear()

    def _tell_of_waiting(self) -> None:
        """Say once of each task that it waits for what other jobs have; without such, nothing is looked at."""
        awaited = self._plan.awaited
        self._waits_outside = bool(awaited)
        if awaited:
            self._announcer.waiting(awaited)

    def _empty_inbox(self) -> list[Instruction]:
        instructions: list[Instruction] = []
        while self._inbox:
            instructions += self._inbox.popleft()()
        return instructions

    def _put(self, happened: Happened) -> None:
        self._inbox.append(happened)
        self._wake.set()

    async def _follow(self, instructions: Sequence[Instruction]) -> None:
        """Keep what has moved and carry out what follows.

        What depends on nothing that has just completed need not wait until that is kept: it starts first, and
        runs while the disk is busy.
        """
        moves, at = self._plan.take_moves(), self._clock.now()
        await self._keep_answers(at)
        ahead = self._startable_at_once(moves, instructions)
        started: list[Move] = []
        if ahead:
            started = await self._keep([move for move in moves if move.name in ahead], at)
            self._carry_out([it for it in instructions if it.name in ahead])
            await asyncio.sleep(0)  # they are on their way before the disk is waited for
        kept = await self._keep([move for move in moves if move.name not in ahead], at)
        self._tell([*kept, *started], at)  # what ended has made room for what started: so it is told
        self._carry_out([it for it in instructions if it.name not in ahead])

    def _startable_at_once(self, moves: list[Move], instructions: Sequence[Instruction]) -> set[str]:
        """Tasks to be started that neither follow from what ends in this turn nor must be kept as started."""
        ended = {move.name for move in moves if move.to_state in TERMINAL}  # a task that is left out may stand between
        if not ended or self._error:
            return set()
        ended.update(*map(self._plan.around, ended))
        moved_before = {move.name for move in moves if move.to_state is not ExecutionState.RUNNING}
        needs, tasks = self._job.graph.needs, self._job.tasks
        return {
            it.name
            for it in instructions
            if isinstance(it, Start)
            and it.name not in moved_before
            and (base := self._plan.base(it.name)) in tasks
            and not tasks[base].at_most_once
            and ended.isdisjoint(needs[base])
        }

    async def _keep(self, moves: list[Move], at: datetime) -> list[Move]:
        """Keep the moves and note them; gives them as the world may hear of them."""
        if not moves:
            return moves
        moves = [self._hidden(self._with_result(move)) for move in moves]
        if not self._error:
            with self._noticing_lost_state():
                await self._keeper.keep(moves, at)
        seconds = time.monotonic() - self._clock_zero
        for move in moves:
            self._ledger.enter(move, seconds)
            if self._readers is not None and move.to_state in TERMINAL:
                self._reader_ended(move)
            if move.to_state in TERMINAL and not self._plan.knows(move.name):
                self._ledger.close_item(move, self._plan.definition_of_item(move.name), seconds)
        return moves

    async def _keep_answers(self, at: datetime) -> None:
        """What a person has said is kept before anything follows from it."""
        if self._approvals is None or self._error or not (answers := self._approvals.records()):
            return
        with self._noticing_lost_state():
            await self._keeper.keep_answers(answers, at)
            self._approvals.kept()

    def _note_begin(self, event: SerializableEvent) -> None:
        if isinstance(event, AttemptBegun):
            self._ledger.begin_elsewhere(event, time.monotonic() - self._clock_zero)

    def _reader_ended(self, move: Move) -> None:
        has_completed = move.to_state is ExecutionState.COMPLETED
        if done := self._results.reader_ended(move.name, has_completed=has_completed):
            for executor in self._job.executors.values():
                executor.let_go(done)

    def _tell(self, moves: list[Move], at: datetime) -> None:
        """Tell the world: what is not kept has not happened."""
        if self._subscribers.hears_moves or self._subscribers.hears_batches:
            self._announcer.moved(moves, at)

    def _with_result(self, move: Move) -> Move:
        """Take the result of a task that completed; that of a group or a fan is made of its members' results."""
        outcome = move.outcome
        if move.to_state is not ExecutionState.COMPLETED:
            return move
        if outcome is not None and (outcome.result is not None or outcome.live is not None):
            self._results.keep(move.name, outcome.result, live=outcome.live)
            if self._readers is not None and outcome.live is not None:
                return move._replace(outcome=outcome.but(live=None))
        elif self._plan.has_members(move.name) and (text := self._results.gather(move.name)) is not None:
            self._results.keep(move.name, text)
            return move._replace(outcome=(outcome or Outcome.completed()).but(result=text))
        return move

    def _hidden(self, move: Move) -> Move:
        """What is kept and told of a move shows no secret."""
        mask = self._job.mask
        if mask is None or move.outcome is None:
            return move
        return move._replace(outcome=mask.outcome(move.outcome))

    def _shown(self, text: str) -> str:
        return text if self._job.mask is None else self._job.mask.text(text)

    async def _write_snapshot(self) -> None:
        if self._keeper.needs_snapshots and not self._error:
            with self._noticing_lost_state():
                await self._keeper.write_snapshot()

    @contextlib.contextmanager
    def _noticing_lost_state(self) -> Iterator[None]:
        try:
            yield
        except StateError as error:
            self._error = str(error)
            self._put(lambda: self._stop(Ending.STATE_LOST))

    def _carry_out(self, instructions: Sequence[Instruction]) -> None:
        for instruction in instructions:
            if isinstance(instruction, RetryAfter):
                self._clock.pause(instruction.name, instruction.seconds, partial(self._retry_is_due, instruction.name))
            elif isinstance(instruction, Abort):
                self._running.abort(instruction.name)
            elif isinstance(instruction, Decide):
                self._decide(instruction.name)
            elif isinstance(instruction, Expand):
                self._expand(instruction.name)
            elif isinstance(instruction, Ask):
                self._ask(instruction.name)
            elif self._error:
                self._ended(instruction.name, Outcome.aborted("not started: the state of the run cannot be kept"))
            else:
                self._begin_attempt(instruction.name, instruction.number)

    def _begin_attempt(self, name: str, number: int) -> None:
        try:
            attempt, executor = self._beginnings.attempt(name, number)
        except FlowrunError as error:
            outcome = not_started(error)
            self._put(lambda: self._plan.finished(name, outcome))
        else:
            self._running.begin(attempt, executor, self._plan.definition(name).timeout)

    def _decide(self, name: str) -> None:
        try:
            holds = self._beginnings.holds(name)
        except FlowrunError as error:
            outcome = not_started(error)
            self._put(lambda: self._plan.refused(name, outcome))
        else:
            self._put(lambda: self._plan.decided(name, holds))

    def _expand(self, name: str) -> None:
        try:
            keys, allowed = self._beginnings.items(name)
        except FlowrunError as error:
            outcome = not_started(error)
            self._put(lambda: self._plan.refused(name, outcome))
        else:
            self._put(lambda: self._plan.expanded(name, keys, allowed))

    def _ask(self, name: str) -> None:
        from .approvals import Approvals

        try:
            question = self._beginnings.question(name)
        except FlowrunError as error:
            outcome = not_started(error)
            self._put(lambda: self._plan.refused(name, outcome))
            return
        if self._approvals is None:
            used = self._keeper.used_questions
            self._approvals = Approvals(
                self._job, self._plan, self._bus, self._put, self._clock, used=used, given=self._answers
            )
        with self._noticing_lost_state():
            self._approvals.ask(name, question)

    def _retry_is_due(self, name: str) -> None:
        self._put(lambda: self._plan.retry_due(name))

    def _ended(self, name: str, outcome: Outcome) -> None:
        if outcome.abandoned:
            self._notices.append(f"task {name!r} did not end when it was asked to; its worker was left behind")
        if outcome.hook_errors:
            self._notices += [f"task {name!r}: {error}" for error in outcome.hook_errors]
        self._put(lambda: self._finished(name, outcome))

    def _finished(self, name: str, outcome: Outcome) -> Sequence[Instruction]:
        was_stopping = self._plan.is_stopping
        added: Sequence[Added] = ()
        if outcome.spawned and outcome.is_completed:
            try:
                added = self._roster.take_in(name, outcome.spawned)
            except LookupError as error:
                outcome = Outcome.failed(str(error.args[0]))
        instructions = self._plan.finished(name, outcome, added)
        if self._plan.is_stopping and not was_stopping:
            self._tell_of_the_stop(Ending.FAIL_FAST, self._job.config.grace_seconds)
        return instructions

    def _stop(self, ending: Ending, signal: int | None = None) -> Sequence[Instruction]:
        self._tell_of_the_stop(ending, self._job.config.grace_seconds)
        if self._plan.is_stopping:
            return self._plan.give_up() if ending is Ending.DEADLINE else []  # what cleans up has had its time
        self._ending, self._signal = ending, signal
        return self._plan.stop()

    def _without_service(self, error: str) -> Sequence[Instruction]:
        if not self._plan.is_stopping:
            self._service_error = error
        return self._stop(Ending.SERVICE_LOST)

    def _told_to_stop(self, signal: int | None) -> Sequence[Instruction]:
        """The first time also leaves tasks that are stopping already, for another reason, their grace time."""
        self._times_told += 1
        return self._stop(Ending.STOPPED, signal) if self._times_told == 1 else self._kill_all()

    def _kill_all(self) -> Sequence[Instruction]:
        self._tell_of_the_stop(self._ending, 0.0)
        instructions = self._plan.give_up()
        self._running.kill_all()
        return instructions

    def _tell_of_the_stop(self, ending: Ending, grace_seconds: float) -> None:
        self._announcer.stopping(ending.value, len(self._running), grace_seconds)

    async def _close(self) -> None:
        """Stop in order: those who send before those who receive."""
        if self._plan.is_stopping and self._ending is Ending.DONE:
            self._ending = Ending.FAIL_FAST
        is_completed = self._ending is Ending.DONE and self._plan.has_succeeded
        for executor in self._job.executors.values():
            if self._keeper.can_be_continued(is_completed=is_completed):
                await executor.bring_home()
            await executor.on_destroy()
        self._close_approvals(is_over=is_completed or self._job.checkpointer.keeps_nothing)
        with self._noticing_lost_state():
            await self._keeper.close(self._hook(is_completed), is_completed=is_completed)
        if self._error:
            self._ending = Ending.STATE_LOST
        await self._subscribers.close(self._hook(is_completed and not self._error))
        self._notices += [*self._keeper.notices, *self._subscribers.notices]

    def _close_approvals(self, *, is_over: bool) -> None:
        """A run that is over for good leaves no questions, nor those that an earlier life of it has asked."""
        if self._approvals is not None:
            self._approvals.close(is_over=is_over)
            if self._approvals.postponed and self._ending is Ending.DONE and not self._plan.has_failed:
                self._ending = Ending.WAITING
        elif is_over and self._start.is_restart and any(it.approve is not None for it in self._job.tasks.values()):
            from ..approvals import Desk

            Desk(self._job.root).withdraw_run(self._job.run_id)

    def _hook(self, is_completed: bool) -> Literal["success", "failure", "abort"]:
        if is_completed:
            return "success"
        return "abort" if self._ending in _BEFORE_THE_END else "failure"

    def _report(self) -> Report:
        return Report(
            job_name=self._job.name,
            run_id=self._job.run_id,
            started=self._started,
            seconds=time.monotonic() - self._clock_zero,
            tasks={name: self._task_report(name) for name in (*self._plan.names(), *self._ledger.items)},
            ending=self._ending,
            signal=self._signal,
            notices=tuple(map(self._shown, self._notices)),
            error=self._shown(self._error or self._service_error),
            values=self._keeper.results,
            max_parallelism=self._running.most,
            up_to_date=self._ledger.up_to_date,
            needs=self._job.graph.needs,
            postponed=dict(self._approvals.postponed) if self._approvals is not None else {},
            read=self._results.value,
            store=self._job.store,
        )

    def _task_report(self, name: str) -> TaskReport:
        report = self._ledger.items.get(name) or self._ledger.report(name, self._plan.definition(name), self._plan)
        if report.state not in UNSUCCESSFUL:
            return report
        is_allowed = self._plan.may_have_failed(name)
        return replace(report, log=log_of(self._job.loggers.values(), name), is_allowed=is_allowed)


def _plan_of(job: Job, start: RestartPlan, roster: Roster, draw: Callable[[], float]) -> Plan:
    try:
        added = {name: roster.take_in(name, records) for name, records in start.added.items()}
    except LookupError as error:
        raise CheckpointInvalidError(f"the run cannot be continued: {error.args[0]}") from error
    return Plan(
        job.tasks,
        job.graph,
        roster.limits(),
        limits_of=roster.limits_of,
        past=replace(start.past, added=added),
        fail_fast=job.config.fail_fast,
        usual=job.usual,
        draw=draw,
    )
