"""Loggers and extensions that note what they hear, and what they are told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

from pydantic import PrivateAttr

from flowrun.engine.subscribers import Subscribers
from flowrun.eventbus.event import SerializableEvent
from flowrun.eventbus.execution import ExecutionState, ExecutionStateTransition, SerializableExecutionEvent
from flowrun.eventbus.log import LogLinesEvent, LogWriteEvent, SerializableLogEvent, Severity
from flowrun.extensions.extension import Extension
from flowrun.loggers.logger import Logger

BIG = "x" * (30 << 20)


class Recorder:
    """Notes what was called, in order; `do` is what each call does besides."""

    def __init__(self, do: Mapping[str, Callable[[], Any]] | None = None) -> None:
        self.calls: list[str] = []
        self.events: list[SerializableEvent] = []
        self.has_heard = threading.Event()
        self._do = do or {}

    async def note(self, call: str, event: SerializableEvent | None = None) -> None:
        self.calls.append(call)
        if event is not None:
            self.events.append(event)
            self.has_heard.set()
        waiting = self._do.get(call, lambda: None)()
        if waiting is not None:
            await waiting

    async def heard(self) -> None:
        """Wait until another event has come."""
        assert await asyncio.to_thread(self.has_heard.wait, 30)
        self.has_heard.clear()


class RecordingLogger(Logger):
    _recorder: Recorder = PrivateAttr(default_factory=Recorder)

    async def update(self, evt: SerializableLogEvent) -> None:
        await self._recorder.note("update", evt)

    async def on_create(self) -> None:
        await self._recorder.note("on_create")

    async def on_restart(self) -> None:
        await self._recorder.note("on_restart")

    async def on_success(self) -> None:
        await self._recorder.note("on_success")

    async def on_failure(self) -> None:
        await self._recorder.note("on_failure")

    async def on_abort(self) -> None:
        await self._recorder.note("on_abort")

    async def on_destroy(self) -> None:
        await self._recorder.note("on_destroy")


class LineTaker(RecordingLogger):
    takes_lines: ClassVar[bool] = True


class Lossless(LineTaker):
    is_lossless: ClassVar[bool] = True


class RecordingExtension(Extension):
    _recorder: Recorder = PrivateAttr(default_factory=Recorder)

    async def update(self, e: SerializableExecutionEvent) -> None:
        await self._recorder.note("update", e)

    async def on_create(self) -> None:
        await self._recorder.note("on_create")

    async def on_destroy(self) -> None:
        await self._recorder.note("on_destroy")


def recording(cls: type[Any] = RecordingLogger, /, **do: Callable[[], Any]) -> tuple[Any, Recorder]:
    part = cls()
    part._recorder = Recorder(do)
    return part, part._recorder


def subscribers(*parts: Logger | Extension, interval: float = 0.0, patience: float = 30.0) -> Subscribers:
    return Subscribers(
        {f"l{number}": part for number, part in enumerate(parts) if isinstance(part, Logger)},
        {f"e{number}": part for number, part in enumerate(parts) if isinstance(part, Extension)},
        job_name="nightly",
        loggers_interval_seconds=interval,
        extensions_interval_seconds=0.0,
        patience_seconds=patience,
    )


def said(message: str, task: str = "load") -> LogWriteEvent:
    return LogWriteEvent(name=task, severity=Severity.INFO, message=message)


def said_lines(lines: str) -> LogLinesEvent:
    return LogLinesEvent(name="load", severity=Severity.INFO, lines=lines)


def moved(to: ExecutionState = ExecutionState.RUNNING) -> ExecutionStateTransition:
    return ExecutionStateTransition(name="load", from_state=ExecutionState.PENDING, to_state=to)


def messages(recorder: Recorder) -> list[str]:
    return [event.message for event in recorder.events if isinstance(event, LogWriteEvent)]


async def run(
    many: Subscribers,
    *events: SerializableEvent,
    ending: Literal["success", "failure", "abort"] = "success",
    is_restart: bool = False,
) -> None:
    await many.open(is_restart)
    for event in events:
        many.hear(event)
    await many.close(ending)
