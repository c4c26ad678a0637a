"""Loop: the synchro loop. Carries out what the plan wants, tells it what happened, and lets the world know."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from ..attempt import Attempt, Outcome
from ..checkpointer.checkpointer import CheckpointContents
from ..errors import StateError
from ..eventbus import EventBus
from ..eventbus.event import now
from ..eventbus.execution import UNSUCCESSFUL, ExecutionState, ExecutionStateTransition, SerializableExecutionEvent
from ..eventbus.log import SerializableLogEvent
from ..executors.executor import release
from .instruction import Abort, Instruction, Move, RetryAfter, Start
from .job import Job
from .keeper import Keeper
from .ledger import Ledger
from .plan import ALL, Plan
from .report import Ending, Report
from .restart import RestartPlan
from .running import Running
from .subscribers import Subscribers

Happened = Callable[[], Sequence[Instruction]]


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
    ) -> None:
        """`before` is what is kept of the run that is continued; `draw` gives numbers from 0 to 1 for jitter."""
        self._job = job
        self._start = start
        self._plan = _plan_of(job, start, draw)
        self._keeper = Keeper(job, start, self._plan, before)
        self._subscribers = subscribers
        self._ledger = Ledger()
        self._bus = EventBus()
        self._running = Running(self._bus, job.config.grace_seconds, self._ended)
        self._inbox: deque[Happened] = deque()
        self._wake = asyncio.Event()
        self._ending = Ending.DONE
        self._signal: int | None = None
        self._times_told = 0
        self._error = ""
        self._notices: list[str] = []
        self._started = now()
        self._clock_zero = time.monotonic()

    def stop(self, signal: int | None = None) -> None:
        """End the job: the first call asks the tasks to end, the second kills them."""
        self._put(lambda: self._told_to_stop(signal))

    async def run(self) -> Report:
        """Run the job to its end.

        Raises StateError if the first checkpoint cannot be written: then nothing has started.
        """
        try:
            await self._open()
            await self._run_to_the_end()
        except BaseException:
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
        self._bus.subscribe(SerializableLogEvent, self._ledger.hear)
        await self._subscribers.open(self._start.is_restart)

    async def _run_to_the_end(self) -> None:
        loop = asyncio.get_running_loop()
        deadline, snapshots = self._job.config.deadline, self._job.config.checkpointer_interval_seconds
        timers = [loop.call_later(deadline, self._put, lambda: self._stop(Ending.DEADLINE))] if deadline else []
        snapshot_due = loop.time() + snapshots
        instructions: Sequence[Instruction] = self._empty_inbox()  # a signal may have come before anything began
        if not self._plan.is_stopping:
            instructions = self._plan.begin()
        while True:
            await self._follow(instructions)
            if self._plan.is_finished and not self._inbox:
                break
            await self._something_happened()
            if loop.time() >= snapshot_due:
                snapshot_due = loop.time() + snapshots
                await self._write_snapshot()
            instructions = self._empty_inbox()
        for timer in timers:
            timer.cancel()

    async def _something_happened(self) -> None:
        if not self._inbox:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._job.config.synchro_interval_seconds):
                    await self._wake.wait()
        self._wake.clear()

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
        moves = self._plan.take_moves()
        ahead = self._startable_at_once(moves, instructions)
        if ahead:
            await self._make_known([move for move in moves if move.name in ahead])
            self._carry_out([it for it in instructions if it.name in ahead])
            await asyncio.sleep(0)  # they are on their way before the disk is waited for
        await self._make_known([move for move in moves if move.name not in ahead])
        self._carry_out([it for it in instructions if it.name not in ahead])

    def _startable_at_once(self, moves: list[Move], instructions: Sequence[Instruction]) -> set[str]:
        """Tasks to be started that neither follow from what completes in this turn nor must be kept as started."""
        completed = {move.name for move in moves if move.to_state is ExecutionState.COMPLETED}
        if not completed or self._error:
            return set()
        moved_before = {move.name for move in moves if move.to_state is not ExecutionState.RUNNING}
        dependencies, tasks = self._job.graph.dependencies, self._job.tasks
        return {
            it.name
            for it in instructions
            if isinstance(it, Start)
            and it.name not in moved_before
            and not tasks[it.name].at_most_once
            and completed.isdisjoint(dependencies[it.name])
        }

    async def _make_known(self, moves: list[Move]) -> None:
        """Keep the moves, then tell the world: what is not kept has not happened."""
        if not moves:
            return
        at = now()
        if not self._error:
            with self._noticing_lost_state():
                await self._keeper.keep(moves, at)
        seconds, job_name = time.monotonic() - self._clock_zero, self._job.name
        for move in moves:
            self._ledger.enter(move, seconds)
            self._bus.put(
                ExecutionStateTransition(
                    name=move.name,
                    from_state=move.from_state,
                    to_state=move.to_state,
                    attempt=move.attempt,
                    outcome=move.outcome,
                    job_name=job_name,
                    timestamp=at,
                )
            )

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
            match instruction:
                case Start(name) if self._error:
                    self._ended(name, Outcome.aborted("not started: the state of the run cannot be kept"))
                case Start(name, number):
                    self._begin_attempt(name, number)
                case RetryAfter(name, seconds):
                    asyncio.get_running_loop().call_later(seconds, self._retry_is_due, name)
                case Abort(name):
                    self._running.abort(name)

    def _begin_attempt(self, name: str, number: int) -> None:
        task = self._job.tasks[name]
        attempt = Attempt(
            run_id=self._job.run_id,
            job_name=self._job.name,
            task=name,
            variant=task.variant,
            number=number,
            parameters=task.parameters,
            depends_on=self._job.graph.dependencies[name],
            is_restart=name in self._start.restarted,
        )
        self._running.begin(attempt, self._job.executors[self._job.executor_of[name]], task.timeout)

    def _retry_is_due(self, name: str) -> None:
        self._put(lambda: self._plan.retry_due(name))

    def _ended(self, name: str, outcome: Outcome) -> None:
        if outcome.abandoned:
            self._notices.append(f"task {name!r} did not end when it was asked to; its worker was left behind")
        self._notices += [f"task {name!r}: {error}" for error in outcome.hook_errors]
        self._put(lambda: self._plan.finished(name, outcome))

    def _stop(self, ending: Ending, signal: int | None = None) -> Sequence[Instruction]:
        if self._plan.is_stopping:
            return []
        self._ending, self._signal = ending, signal
        return self._plan.stop()

    def _told_to_stop(self, signal: int | None) -> Sequence[Instruction]:
        """The first time also leaves tasks that are stopping already, for another reason, their grace time."""
        self._times_told += 1
        return self._stop(Ending.STOPPED, signal) if self._times_told == 1 else self._kill_all()

    def _kill_all(self) -> Sequence[Instruction]:
        self._running.kill_all()
        return []

    async def _close(self) -> None:
        """Stop in order: those who send before those who receive."""
        if self._plan.is_stopping and self._ending is Ending.DONE:
            self._ending = Ending.FAIL_FAST
        for executor in self._job.executors.values():
            await executor.on_destroy()
        states = self._plan.states().values()
        is_completed = self._ending is Ending.DONE and UNSUCCESSFUL.isdisjoint(states)
        with self._noticing_lost_state():
            await self._keeper.close(self._hook(is_completed), is_completed=is_completed)
        if self._error:
            self._ending = Ending.STATE_LOST
        await self._subscribers.close(self._hook(is_completed and not self._error))
        self._notices += [*self._keeper.notices, *self._subscribers.notices]

    def _hook(self, is_completed: bool) -> Literal["success", "failure", "abort"]:
        if is_completed:
            return "success"
        return "abort" if self._ending in (Ending.STOPPED, Ending.DEADLINE) else "failure"

    def _report(self) -> Report:
        return Report(
            job_name=self._job.name,
            run_id=self._job.run_id,
            started=self._started,
            seconds=time.monotonic() - self._clock_zero,
            tasks={name: self._ledger.report(name, task, self._plan) for name, task in self._job.tasks.items()},
            ending=self._ending,
            signal=self._signal,
            notices=tuple(self._notices),
            error=self._error,
            values=self._keeper.results,
        )


def _plan_of(job: Job, start: RestartPlan, draw: Callable[[], float]) -> Plan:
    limits = {f"pool {name}": slots for name, slots in job.pools.items()}
    if job.config.max_concurrency > 0:
        limits[ALL] = job.config.max_concurrency
    for name, executor in job.executors.items():
        if (most := executor.max_slots) is not None:
            limits[f"executor {name}"] = most

    def limits_of(name: str) -> tuple[str, ...]:
        return (f"pool {job.tasks[name].pool}", f"executor {job.executor_of[name]}")

    return Plan(
        job.tasks, job.graph, limits, limits_of=limits_of, past=start.past, fail_fast=job.config.fail_fast, draw=draw
    )
