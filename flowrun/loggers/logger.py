"""Logger: the contract of those who keep what tasks say."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from ..eventbus.log import SerializableLogEvent
from ..lifecycle import AsyncLifecycle
from ..registry import Registry

L = TypeVar("L", bound="type[Logger]")


class Logger(ABC, AsyncLifecycle, BaseModel):
    """Hears what tasks say. Its fields are its parameters in the job file."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, defer_build=True)

    takes_lines: ClassVar[bool] = False
    """`update` also understands `LogLinesEvent`; otherwise it hears one `LogWriteEvent` a line."""
    is_lossless: ClassVar[bool] = False
    """When it falls behind, tasks that print wait for it; otherwise lines are dropped and counted."""
    hears_silent: ClassVar[bool] = True
    """`LogStartEvent` and `LogEndEvent` also come for attempts that say nothing; otherwise they may be left out."""

    @abstractmethod
    async def update(self, evt: SerializableLogEvent) -> None:
        """Called for every log event, in the order in which one task caused them."""


LogPosition = tuple[str, int, str, int]
"""Task, attempt, file, and the byte at which the attempt begins in it."""


loggers: Registry[Logger] = Registry("logger", lambda: Logger)


def logger(cls: L) -> L:
    """Register a class, so that job files can name it under `loggers:`."""
    loggers.register(cls)
    return cls


def log_of(components: Iterable[Logger], task: str) -> Path | None:
    """The file with what a task said, of the first logger that has one: those may have `log_path(task)`."""
    for component in components:
        find = getattr(component, "log_path", None)
        with contextlib.suppress(Exception):  # it may be the user's own
            path = find(task) if callable(find) else None
            if isinstance(path, Path):
                return path
    return None


class LogPositions:
    """Where attempts begin to log, of the loggers that can tell: they have `take_log_positions` and what it needs."""

    def __init__(self, components: Iterable[Logger]) -> None:
        self._tellers: list[Any] = [it for it in components if hasattr(it, "take_log_positions")]

    def take(self) -> list[LogPosition]:
        """What is new since this was asked last. Any thread may ask."""
        positions: list[LogPosition] = []
        for teller in self._tellers:
            with contextlib.suppress(Exception):  # it may be the user's own
                positions += teller.take_log_positions()
        return positions

    def listen(self, wake: Callable[[], None]) -> None:
        """Have `wake` called, on any thread, when there is something new to take."""
        for teller in self._tellers:
            with contextlib.suppress(Exception):
                teller.when_positioned(wake)
