"""Running: one run of a job in Python inside the program that has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..app import OpenJob, RunRequest, Selection, take_lock
from ..assemble import open_checkpointer
from ..checkpointer.checkpointer import Checkpointer
from ..dataclass import dataclass
from ..engine.report import Report
from ..executors.capture import attempts_heard
from ..job_lock import JobLock
from ..jobdefinition.model import ConfigurationDefinition
from ..request import refuse_impossible
from ..run import Run

if TYPE_CHECKING:
    from ..extensions.extension import Extension
    from ..loggers.logger import Logger


_background: set[asyncio.Task[Report]] = set()
"""A loop keeps nothing alive by itself."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a run differs from what the job says."""

    targets: tuple[str, ...] = ()
    max_concurrency: int | None = None
    fail_fast: bool | None = None
    timeout: float | None = None
    restart: bool | str = False
    checkpoint: bool | Checkpointer = False
    loggers: bool | Mapping[str, Logger] = False
    printed: tuple[Extension, Logger] | None = None
    """What writes to standard output."""

    @property
    def keeps(self) -> bool:
        """The run is kept by the checkpointer of the job."""
        return self.checkpoint is True or (self.restart is not False and self.checkpoint is False)

    @property
    def is_heard(self) -> bool:
        """Somebody wants what tasks print."""
        return bool(self.loggers) or self.printed is not None

    @property
    def own_loggers(self) -> Mapping[str, Logger]:
        """Those that no job file names."""
        given = {} if isinstance(self.loggers, bool) else self.loggers
        return given if self.printed is None else {**given, "printed": self.printed[1]}


async def run_here(opened: OpenJob, wish: Wish) -> Report:
    """Run an opened job in the running event loop. Detached tasks may go on when it returns."""
    if not any(task.detached for task in opened.definition.tasks.values()):
        return await _run(opened, wish)
    over: asyncio.Future[Report] = asyncio.get_running_loop().create_future()
    running = asyncio.ensure_future(_run(opened, wish, lambda report: _settle(over, report)))
    _background.add(running)
    running.add_done_callback(_background.discard)
    while not (over.done() or running.done()):
        try:
            await asyncio.wait((over, running), return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            running.cancel()
    return replace(over.result(), later=asyncio.shield(running)) if over.done() else await running


def _settle(over: asyncio.Future[Report], report: Report) -> None:
    if not over.done():
        over.set_result(report)


async def _lock(opened: OpenJob, config: ConfigurationDefinition) -> JobLock | None:
    """The lock of the job; who waits for another run of it must not block the loop."""
    if config.on_overlap == "wait":
        return await asyncio.to_thread(take_lock, opened, config)
    return take_lock(opened, config)


async def _run(opened: OpenJob, wish: Wish, when_over: Callable[[Report], None] | None = None) -> Report:
    request = RunRequest(
        opened,
        restart=wish.restart,
        selection=Selection(run_to=wish.targets),
        max_concurrency=wish.max_concurrency,
        fail_fast=wish.fail_fast,
        deadline=wish.timeout,
        loggers=wish.own_loggers,
    )
    refuse_impossible(request, opened)
    config = request.config(opened.definition.config)
    if wish.printed is not None:
        config = config.model_copy(update={"loggers_interval_seconds": 0.0, "extensions_interval_seconds": 0.0})
    checkpointer: Any = open_checkpointer(opened) if isinstance(wish.checkpoint, bool) else wish.checkpoint
    lock = await _lock(opened, config) if wish.keeps else None
    try:
        with attempts_heard() if wish.is_heard else nullcontext():
            listeners = () if wish.printed is None else wish.printed[:1]
            return await Run(opened, request, config, checkpointer, lock).perform_here(listeners, when_over)
    finally:
        if lock is not None:
            lock.release()
