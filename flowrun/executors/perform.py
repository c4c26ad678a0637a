"""Perform one attempt: its hooks in order, in whatever worker it landed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cache
from typing import Any

from .. import values
from ..attempt import Attempt, Outcome, Reason
from ..eventbus.log import LogWriter, Severity
from ..shared_dict import SharedDict
from ..task import Bench, Task, TaskMetadata
from .abort_switch import Aborted, AbortSwitch
from .failure import outcome_of, said_by, traceback_of

_HOOKS = ("on_create", "on_restart", "run", "on_success", "on_failure", "on_destroy", "on_abort")

Write = Callable[[Severity, str], None]


@dataclass(slots=True)
class Station:
    """What a worker gives to the attempt it performs."""

    shared: SharedDict
    write: Write
    """Takes messages of `self.logger`, and the tracebacks of failed hooks."""
    switch: AbortSwitch
    max_result_bytes: int


@cache
def needs_event_loop(variant: type[Task]) -> bool:
    """One of the hooks is `async`."""
    return any(inspect.iscoroutinefunction(getattr(variant, hook)) for hook in _HOOKS)


def perform_here(attempt: Attempt, variant: type[Task], station: Station) -> Outcome:
    """Perform an attempt in this thread, with an event loop of its own only if a hook needs one."""
    performance = perform(attempt, variant, station)
    if needs_event_loop(variant):
        import asyncio

        return asyncio.run(performance)
    return _without_event_loop(performance)


async def perform(attempt: Attempt, variant: type[Task], station: Station) -> Outcome:
    """Perform an attempt: on_create, on_restart?, run, on_success | on_failure, on_abort?, on_destroy."""
    try:
        task = variant.model_validate(attempt.parameters)
    except Exception as error:
        return outcome_of(error)
    task.take_bench(
        Bench(station.shared, LogWriter(station.write), _metadata(attempt), lambda: station.switch.is_asked)
    )
    return await _Performance(task, station).walk(is_restart=attempt.is_restart)


class _Performance:
    """The hooks of one attempt, and what came of them."""

    def __init__(self, task: Task, station: Station) -> None:
        self._task = task
        self._station = station
        self._switch = station.switch
        self._result: str | None = None
        self._late_errors: list[str] = []

    async def walk(self, *, is_restart: bool) -> Outcome:
        """All hooks in their order."""
        failure = await self._until_the_work_is_done(is_restart=is_restart)
        is_aborted = self._switch.is_asked  # from here on the outcome stands: an abort in on_destroy comes too late
        if is_aborted:
            await self._late("on_abort")
        await self._late("on_destroy")
        outcome = Outcome.aborted() if is_aborted else self._outcome(failure)
        return outcome.but(hook_errors=tuple(self._late_errors)) if self._late_errors else outcome

    def _outcome(self, failure: BaseException | None) -> Outcome:
        return outcome_of(failure) if failure is not None else Outcome.completed(self._result)

    async def _until_the_work_is_done(self, *, is_restart: bool) -> BaseException | None:
        before = ("on_create", "on_restart") if is_restart else ("on_create",)
        for hook in before:
            if (failure := await self._interruptible(hook)) or self._switch.is_asked:
                return failure
        failure = await self._interruptible("run")
        if self._switch.is_asked:
            return failure
        if failure is None:
            return await self._interruptible("on_success")
        if late := await self._interruptible("on_failure"):
            self._late_errors.append(f"on_failure: {said_by(late)}")
        return failure

    async def _interruptible(self, hook: str) -> BaseException | None:
        """Call a hook; what it raised is written to the task's log and returned. An abort ends it, and is no error."""
        try:
            try:
                self._switch.open()
                await self._complete(hook, getattr(self._task, hook)())
            finally:
                self._switch.close()
        except Aborted:
            return None
        except SystemExit as error:
            if hook == "run" and error.code in (None, 0):
                return None
            return self._written(error)
        except BaseException as error:  # whatever a task raises is an outcome
            is_our_cancel = self._switch.is_asked and type(error).__name__ == "CancelledError"
            return None if is_our_cancel else self._written(error)
        return None

    async def _late(self, hook: str) -> None:
        """Call a hook whose errors are recorded but undo nothing."""
        try:
            await self._complete(hook, getattr(self._task, hook)())
        except BaseException as error:  # as above
            self._written(error)
            self._late_errors.append(f"{hook}: {said_by(error)}")

    async def _complete(self, hook: str, value: Any) -> None:
        """Await what a hook gave, if need be. The call is not in here: a coroutine cannot raise StopIteration."""
        if inspect.isawaitable(value):
            with self._switch.awaiting():
                value = await value
        self._station.shared.flush()
        if hook == "run":
            self._result = self._encoded(value)

    def _encoded(self, value: Any) -> str | None:
        if value is None:
            return None
        try:
            text = values.encode(value)
        except Exception as error:
            raise TypeError(f"the result of run {said_by(error).partition(': ')[2]}") from None
        if len(text) > self._station.max_result_bytes:
            raise ValueError(
                f"the result of run takes {len(text):,} bytes; at most {self._station.max_result_bytes:,} "
                "are kept (config.max_result_bytes): return the path of a file instead"
            )
        return text

    def _written(self, error: BaseException) -> BaseException:
        self._station.write(Severity.ERROR, traceback_of(error).rstrip("\n"))
        return error


def _metadata(attempt: Attempt) -> TaskMetadata:
    return TaskMetadata(
        name=attempt.task,
        variant=attempt.variant,
        depends_on=list(attempt.depends_on),
        attempt=attempt.number,
        run_id=attempt.run_id,
        idempotency_key=attempt.idempotency_key,
    )


def _without_event_loop(performance: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Drive a coroutine that never waits."""
    try:
        performance.send(None)
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome
    performance.close()
    return Outcome.failed("a hook that is not `async` gave an awaitable that waits", Reason.RAISED)
