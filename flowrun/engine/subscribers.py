"""Subscribers: the loggers and extensions of a job, each fed on a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from ..eventbus.event import SerializableEvent
from ..eventbus.execution import ExecutionStateTransition, SerializableExecutionEvent, TransitionsEvent
from ..eventbus.log import SerializableLogEvent
from ..extensions.extension import Extension, Hearer
from ..loggers.logger import Logger
from .part import Ending, Pace, Part


class Subscribers:
    """Opens, feeds and closes all loggers and extensions. None of them can delay or break the job.

    A component may have, besides its contract, `introduce(job_name)`, called before `on_create`, `notices`, a list of
    what a person should know, read at the end, and `hears_within_seconds`, if the interval is too long for it.
    """

    def __init__(
        self,
        loggers: Mapping[str, Logger],
        extensions: Mapping[str, Extension | Hearer],
        *,
        job_name: str,
        loggers_interval_seconds: float,
        extensions_interval_seconds: float,
        patience_seconds: float = 10.0,
    ) -> None:
        """Events are handed over at the intervals; a call that takes longer than the patience is given up."""
        self.notices: list[str] = []
        self.hears_silent = any(logger.hears_silent for logger in loggers.values())
        """A logger wants to know of attempts that say nothing."""
        self.hears_moves = not all(it.takes_batches for it in extensions.values())
        """An extension hears of each move."""
        self.hears_batches = any(it.takes_batches for it in extensions.values())
        """An extension hears together of what moved at one moment."""
        logging, extending = (
            Pace(seconds, patience_seconds) for seconds in (loggers_interval_seconds, extensions_interval_seconds)
        )
        self._loggers = [
            Part(f"logger {name!r} ({type(it).__name__})", it, job_name, logging) for name, it in loggers.items()
        ]
        self._extensions = [
            Part(f"extension {name!r} ({type(it).__name__})", it, job_name, _paced(extending, it))
            for name, it in extensions.items()
        ]
        in_batches = [it.takes_batches for it in extensions.values()]
        self._of_moves = {
            together: [part for part, takes in zip(self._extensions, in_batches, strict=True) if takes is together]
            for together in (False, True)
        }

    async def open(self, is_restart: bool) -> None:
        """Call `on_create`, and `on_restart` in a restart, of the extensions, then of the loggers."""
        for parts in (self._extensions, self._loggers):
            for part in parts:
                part.start(is_restart=is_restart)
            for part in parts:
                await part.opened()

    def hear(self, event: SerializableEvent) -> None:
        """Pass an event on: log events to loggers, transitions to extensions. Never waits, never raises."""
        if isinstance(event, SerializableLogEvent):
            for part in self._loggers:
                part.hear(event)
        elif isinstance(event, ExecutionStateTransition | TransitionsEvent):
            for part in self._of_moves[type(event) is TransitionsEvent]:
                part.hear(event)
        elif isinstance(event, SerializableExecutionEvent):
            for part in self._extensions:
                part.hear(event)

    @property
    def is_full(self) -> bool:
        """A logger that may lose nothing is more than 64 MiB behind: tasks that print must wait."""
        return any(part.is_full for part in self._loggers)

    async def wait_for_room(self) -> None:
        """Wait until no logger is full."""
        for part in self._loggers:
            await part.wait_for_room()

    async def close(self, ending: Ending) -> None:
        """Hand over what is left, then call `on_success`, `on_failure` or `on_abort`, and `on_destroy` of each."""
        parts = [*self._extensions, *self._loggers]
        await asyncio.gather(*(part.close(ending) for part in parts))
        for part in parts:
            self.notices += part.notices


def _paced(pace: Pace, component: object) -> Pace:
    seconds = getattr(component, "hears_within_seconds", pace.interval_seconds)
    return replace(pace, interval_seconds=min(seconds, pace.interval_seconds))
