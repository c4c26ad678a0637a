"""Loop: the synchro loop. Carries out what the plan wants, tells it what happened, and lets the world know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from ..attempt import Outcome
from ..checkpointer.checkpointer import CheckpointContents
from ..errors import CheckpointInvalidError, FlowrunError
from ..eventbus import EventBus
from ..eventbus.execution import TERMINAL, ExecutionState, SerializableExecutionEvent
from ..eventbus.log import SerializableLogEvent
from ..executors.executor import release
from .announcer import Announcer
from .asking import Asking
from .beginnings import Beginnings, not_started
from .books import Books
from .entry import Added
from .inbox import Inbox
from .instruction import Abort, Ask, Decide, Expand, Instruction, Move, RetryAfter, Start
from .job import Job
from .keeper import Keeper
from .plan import Plan
from .report import Ending, Report
from .restart import RestartPlan
from .roster import Roster
from .running import Running
from .stopping import Stopping
from .subscribers import Subscribers
from .surroundings import Surroundings


class Loop:
    """Runs one job. Everything that happens comes through one inbox; nothing else moves the plan."""

    def __init__(
        self,
        job: Job,
        start: RestartPlan,
        subscribers: Subscribers,
        before: CheckpointContents | None,
        surroundings: Surroundings,
    ) -> None:
        """`before` is what is kept of the run that is continued."""
        self._job = job
        self._start = start
        self._subscribers = subscribers
        self._clock = surroundings.clock
        self._inbox = Inbox()
        self._when_over: Callable[[Report], None] | None = None
        self._waits_outside = False
        self._notices: list[str] = []
        self._bus = EventBus(job.mask.event if job.mask is not None else None)
        self._roster = Roster(job)
        self._plan = plan = _plan_of(job, start, self._roster, surroundings.draw)
        self._keeper = Keeper(job, start, plan, before)
        self._books = Books(
            job, plan, self._keeper, lambda: self._inbox.put(lambda: self._stopping.stop(Ending.STATE_LOST))
        )
        self._running = Running(self._bus, job.config.grace_seconds, self._ended, marks_silent=subscribers.hears_silent)
        self._announcer = Announcer(
            self._bus, plan, job.name, singly=subscribers.hears_moves, together=subscribers.hears_batches
        )
        self._stopping = Stopping(plan, self._running, self._announcer, job.config.grace_seconds)
        used = self._keeper.used_questions
        self._asking = Asking(job, plan, self._announcer, self._inbox.put, surroundings, used)
        self._started = self._clock.now()
        self._beginnings = Beginnings(job, start, plan, self._roster, self._books.results, self._started)

    def stop(self, signal: int | None = None) -> None:
        """End the job: the first call asks the tasks to end, the second kills them."""
        self._inbox.put(lambda: self._stopping.told(signal))

    def notice(self, executor: str, message: str) -> None:
        """Tell the world what an executor has to say."""
        self._announcer.notice(executor, message)

    def give_up(self, executor: str, reason: str) -> None:
        """A service that an executor needs stayed unreachable: the job ends and can be continued."""
        self._inbox.put(lambda: self._stopping.without_service(f"{executor}: {reason}"))

    async def run(self, when_over: Callable[[Report], None] | None = None) -> Report:
        """Run the job to its end. `when_over` is told before that how it went if only detached tasks are left.

        Raises StateError if the first checkpoint cannot be written: then nothing has started.
        """
        self._when_over = when_over
        try:
            await self._open()
            await self._run_to_the_end()
        except BaseException:
            self._asking.fall_silent()
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
        self._books.listen(self._bus)
        await self._subscribers.open(self._start.is_restart)

    async def _run_to_the_end(self) -> None:
        loop = asyncio.get_running_loop()
        snapshots = self._job.config.checkpointer_interval_seconds
        deadline = self._deadline(loop)
        snapshot_due, look_due = loop.time() + snapshots, 0.0
        instructions: list[Instruction] = self._inbox.empty()  # a signal may have come before anything began
        if not self._plan.is_stopping:
            instructions = self._plan.begin()
        while True:
            await self._follow(instructions)
            if self._plan.is_finished and not await self._has_more_come():
                break
            if self._plan.is_over and self._when_over is not None and not self._plan.is_stopping:
                self._when_over(self._report())
                self._when_over = None
            self._tell_of_waiting()
            await self._next_turn()
            if loop.time() >= snapshot_due:
                snapshot_due = loop.time() + snapshots
                await self._books.write_snapshot()
            instructions = self._inbox.empty()
            if self._plan.may_go_on:
                instructions += self._plan.go_on()
            if self._waits_outside and loop.time() >= look_due:
                look_due = loop.time() + self._job.config.synchro_interval_seconds
                instructions += self._plan.look_again()
        if deadline is not None:
            deadline.cancel()

    def _deadline(self, loop: asyncio.AbstractEventLoop) -> asyncio.TimerHandle | None:
        seconds = self._job.config.deadline
        if not seconds:
            return None
        return loop.call_later(seconds, self._inbox.put, lambda: self._stopping.stop(Ending.DEADLINE))

    async def _has_more_come(self) -> bool:
        """Look twice: of a signal that came just before the last task ended, the event loop tells two turns later."""
        if not self._plan.has_succeeded:
            for _ in range(2):
                await asyncio.sleep(0)
        return bool(self._inbox)

    async def _next_turn(self) -> None:
        if self._plan.may_go_on:
            await self._inbox.wait(0)
        elif self._keeper.needs_snapshots or self._waits_outside:
            await self._inbox.wait(self._job.config.synchro_interval_seconds)
        else:
            await self._inbox.wait()

    def _tell_of_waiting(self) -> None:
        """Say once of each task that it waits for what other jobs have; without such, nothing is looked at."""
        awaited = self._plan.awaited
        self._waits_outside = bool(awaited)
        if awaited:
            self._announcer.waiting(awaited)

    async def _follow(self, instructions: Sequence[Instruction]) -> None:
        """Keep what has moved and carry out what follows.

        What depends on nothing that has just completed need not wait until that is kept: it starts first, and
        runs while the disk is busy.
        """
        moves, at = self._plan.take_moves(), self._clock.now()
        if (answers := self._asking.records()) and await self._books.keep_answers(answers, at):
            self._asking.kept()
        ahead = self._startable_at_once(moves, instructions)
        started: list[Move] = []
        if ahead:
            started = await self._books.keep([move for move in moves if move.name in ahead], at)
            self._carry_out([it for it in instructions if it.name in ahead])
            await asyncio.sleep(0)  # they are on their way before the disk is waited for
        kept = await self._books.keep([move for move in moves if move.name not in ahead], at)
        self._announcer.moved([*kept, *started], at)  # what ended has made room for what started: so it is told
        self._carry_out([it for it in instructions if it.name not in ahead])

    def _startable_at_once(self, moves: list[Move], instructions: Sequence[Instruction]) -> set[str]:
        """Tasks to be started that neither follow from what ends in this turn nor must be kept as started."""
        ended = {move.name for move in moves if move.to_state in TERMINAL}  # a task that is left out may stand between
        if not ended or self._books.error:
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

    def _carry_out(self, instructions: Sequence[Instruction]) -> None:
        for instruction in instructions:
            if isinstance(instruction, RetryAfter):
                is_due = partial(self._plan.retry_due, instruction.name)
                self._clock.pause(instruction.name, instruction.seconds, partial(self._inbox.put, is_due))
            elif isinstance(instruction, Abort):
                self._running.abort(instruction.name)
            elif isinstance(instruction, Decide):
                self._inbox.put(self._beginnings.decided(instruction.name))
            elif isinstance(instruction, Expand):
                self._inbox.put(self._beginnings.expanded(instruction.name))
            elif isinstance(instruction, Ask):
                self._ask(instruction.name)
            elif self._books.error:
                self._ended(instruction.name, Outcome.aborted("not started: the state of the run cannot be kept"))
            else:
                self._begin_attempt(instruction.name, instruction.number)

    def _begin_attempt(self, name: str, number: int) -> None:
        try:
            attempt, executor = self._beginnings.attempt(name, number)
        except FlowrunError as error:
            self._inbox.put(partial(self._plan.finished, name, not_started(error)))
        else:
            self._running.begin(attempt, executor, self._plan.definition(name).timeout)

    def _ask(self, name: str) -> None:
        try:
            question = self._beginnings.question(name)
        except FlowrunError as error:
            self._inbox.put(self._beginnings.refused(name, error))
        else:
            with self._books.noticing_lost_state():
                self._asking.ask(name, question)

    def _ended(self, name: str, outcome: Outcome) -> None:
        if outcome.abandoned:
            self._notices.append(f"task {name!r} did not end when it was asked to; its worker was left behind")
        if outcome.hook_errors:
            self._notices += [f"task {name!r}: {error}" for error in outcome.hook_errors]
        self._inbox.put(partial(self._finished, name, outcome))

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
            self._stopping.tell_of_failure()
        return instructions

    async def _close(self) -> None:
        """Stop in order: those who send before those who receive."""
        is_completed = self._stopping.conclude()
        for executor in self._job.executors.values():
            if self._keeper.can_be_continued(is_completed=is_completed):
                await executor.bring_home()
            await executor.on_destroy()
        is_over = is_completed or self._job.checkpointer.keeps_nothing
        self._asking.close(is_over=is_over, is_restart=self._start.is_restart)
        if self._asking.postponed:
            self._stopping.postpone()
        with self._books.noticing_lost_state():
            await self._keeper.close(self._stopping.hook(is_completed=is_completed), is_completed=is_completed)
        if self._books.error:
            self._stopping.lose_state()
        is_kept = is_completed and not self._books.error
        await self._subscribers.close(self._stopping.hook(is_completed=is_kept))
        self._notices += [*self._keeper.notices, *self._subscribers.notices]

    def _report(self) -> Report:
        books, stopping = self._books, self._stopping
        return Report(
            job_name=self._job.name,
            run_id=self._job.run_id,
            started=self._started,
            seconds=books.seconds,
            tasks=books.task_reports(),
            ending=stopping.ending,
            signal=stopping.signal,
            notices=tuple(map(self._job.shown, self._notices)),
            error=self._job.shown(books.error or stopping.service_error),
            values=books.results.texts,
            max_parallelism=self._running.most,
            up_to_date=books.up_to_date,
            needs=self._job.graph.needs,
            postponed=self._asking.postponed,
            read=books.results.value,
            store=self._job.store,
        )


def _plan_of(job: Job, start: RestartPlan, roster: Roster, draw: Callable[[], float]) -> Plan:
    try:
        added = {name: roster.take_in(name, records) for name, records in start.added.items()}
    except LookupError as error:
        raise CheckpointInvalidError(f"the run cannot be continued: {error.args[0]}") from error
    past = replace(start.past, added=added)
    return Plan(job.tasks, job.graph, roster.admission(), past=past, fail_fast=job.config.fail_fast, draw=draw)
