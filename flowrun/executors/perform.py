"""Perform one attempt: its hooks in order, in whatever worker it landed."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from .. import values
from ..attempt import Attempt, Outcome, Reason
from ..bench import Bench, TaskMetadata, tell_nobody
from ..dataclass import dataclass
from ..errors import StateError
from ..eventbus.log import LogWriter, Severity
from ..shared_dict import SharedDict
from ..task import Task, current
from ..values.file_store import FileStore
from .abort_switch import Aborted, AbortSwitch
from .failure import outcome_of, refusal_of, said_by, traceback_of

if TYPE_CHECKING:
    from ..eventbus.progress import Progress

_HOOKS = ("on_create", "on_restart", "run", "on_success", "on_failure", "on_destroy", "on_abort")

Write = Callable[[Severity, str], None]

_RETURNED_NOTHING = Outcome.completed()
"""One for all attempts: there may be very many."""


@dataclass(slots=True)
class Station:
    """What a worker gives to the attempt it performs."""

    shared: SharedDict
    write: Write
    """Takes messages of `self.logger`, and the tracebacks of failed hooks."""
    switch: AbortSwitch
    max_result_bytes: int
    has_own_process: bool = False
    """The environment belongs to the attempt alone."""
    root: Path = field(default_factory=Path)
    """The project root, below which large results are kept."""
    hands_live: bool = False
    """The result is handed over as it is, too (`Outcome.live`)."""
    encodes: bool = True
    """The result is encoded."""
    is_remote: bool = False
    """The result travels whole: no part of it is put aside into a file."""
    tell: Callable[[Progress], None] = tell_nobody
    """Takes what the attempt says of how far it is, on whatever thread it does."""


@cache
def own_hooks(variant: type[Task]) -> frozenset[str]:
    """The hooks that a class has of its own; the others do nothing and need not be called."""
    return frozenset(hook for hook in _HOOKS if getattr(variant, hook) is not getattr(Task, hook))


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
    store = None if station.is_remote else FileStore(station.root, attempt.job_name, attempt.run_id)
    try:
        if attempt.env and station.has_own_process:
            os.environ.update(attempt.env)
        task = variant.model_validate(parameters_of(attempt, store))
    except ValidationError as error:
        return refusal_of(error, attempt.variant)
    except Exception as error:
        return outcome_of(error)
    bench = Bench(
        station.shared,
        LogWriter(station.write),
        lambda: _metadata(attempt, station.root),
        lambda: station.switch.is_asked,
        attempt.env,
        None,
        station.tell,
    )
    task.take_bench(bench)
    before = current.set(task)
    try:
        outcome = await _Performance(task, station, store).walk(is_restart=attempt.is_restart)
    finally:
        current.reset(before)
    if bench.additions is not None and outcome.is_completed:
        return outcome.but(**bench.additions.outcome)
    return outcome


def parameters_of(attempt: Attempt, store: FileStore | None) -> Mapping[str, Any]:
    """What the job file says, and above it what comes from other tasks."""
    if not attempt.given and not attempt.live:
        return attempt.parameters
    given = {name: values.decode(text, store) for name, text in attempt.given.items()}
    return {**attempt.parameters, **given, **attempt.live}


class _Performance:
    """The hooks of one attempt, and what came of them."""

    __slots__ = ("_hooks", "_late_errors", "_live", "_result", "_station", "_store", "_switch", "_task")

    def __init__(self, task: Task, station: Station, store: FileStore | None) -> None:
        self._task = task
        self._store = store
        self._hooks = own_hooks(type(task))
        self._station = station
        self._switch = station.switch
        self._result: str | None = None
        self._live: Any = None
        self._late_errors: tuple[str, ...] = ()

    async def walk(self, *, is_restart: bool) -> Outcome:
        """All hooks in their order."""
        failure = await self._until_the_work_is_done(is_restart=is_restart)
        is_aborted = self._switch.is_asked  # from here on the outcome stands: an abort in on_destroy comes too late
        if is_aborted and "on_abort" in self._hooks:
            await self._late("on_abort")
        if "on_destroy" in self._hooks:
            await self._late("on_destroy")
        outcome = Outcome.aborted() if is_aborted else self._outcome(failure)
        return outcome.but(hook_errors=self._late_errors) if self._late_errors else outcome

    def _outcome(self, failure: BaseException | None) -> Outcome:
        if failure is not None:
            return outcome_of(failure)
        if self._result is None and self._live is None:
            return _RETURNED_NOTHING
        return Outcome.completed(self._result, live=self._live)

    async def _until_the_work_is_done(self, *, is_restart: bool) -> BaseException | None:
        before = ("on_create", "on_restart") if is_restart else ("on_create",)
        for hook in before:
            if hook in self._hooks and (failure := await self._interruptible(hook)):
                return failure
            if self._switch.is_asked:
                return None
        failure = await self._interruptible("run")
        if self._switch.is_asked:
            return failure
        if failure is None:
            return await self._interruptible("on_success") if "on_success" in self._hooks else None
        if "on_failure" in self._hooks and (late := await self._interruptible("on_failure")):
            self._late_errors += (f"on_failure: {said_by(late)}",)
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
            self._late_errors += (f"{hook}: {said_by(error)}",)

    async def _complete(self, hook: str, value: Any) -> None:
        """Await what a hook gave, if need be. The call is not in here: a coroutine cannot raise StopIteration."""
        if value is not None and inspect.isawaitable(value):
            with self._switch.awaiting():
                value = await value
        self._station.shared.flush()
        if hook == "run" and value is not None:
            self._live = value if self._station.hands_live else None
            self._result = self._encoded(value) if self._station.encodes else None

    def _encoded(self, value: Any) -> str:
        if type(value) is str:
            self._refuse_too_large(len(value))  # a long one goes into a file at once
        text = self._kept(values.encode, value)
        self._refuse_too_large(len(text))
        return text if self._store is None else self._kept(values.put_aside, text)

    def _kept(self, keep: Callable[..., str], value: Any) -> str:
        try:
            return keep(value, self._store)
        except StateError as error:  # the disk is at fault, not the value
            raise OSError(f"the result of run {error}") from None
        except Exception as error:
            raise TypeError(f"the result of run {said_by(error).partition(': ')[2]}") from None

    def _refuse_too_large(self, size: int) -> None:
        if size > self._station.max_result_bytes:
            raise ValueError(
                f"the result of run takes {size:,} bytes; at most {self._station.max_result_bytes:,} "
                "are kept (config.max_result_bytes): return the path of a file instead"
            )

    def _written(self, error: BaseException) -> BaseException:
        self._station.write(Severity.ERROR, traceback_of(error).rstrip("\n"))
        return error


def _metadata(attempt: Attempt, root: Path) -> TaskMetadata:
    return TaskMetadata(
        name=attempt.task,
        variant=attempt.variant,
        depends_on=list(attempt.depends_on),
        attempt=attempt.number,
        run_id=attempt.run_id,
        job=attempt.job_name,
        root=root,
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
