"""RecordingLogger: remembers what tasks say."""

from __future__ import annotations

from typing import ClassVar

from pydantic import PrivateAttr

from ..eventbus.log import LogWriteEvent, SerializableLogEvent
from ..loggers.logger import Logger


class RecordingLogger(Logger):
    """Remembers what tasks say."""

    hears_silent: ClassVar[bool] = False

    _events: list[SerializableLogEvent] = PrivateAttr(default=[])

    async def update(self, evt: SerializableLogEvent) -> None:
        self._events.append(evt)

    @property
    def events(self) -> list[SerializableLogEvent]:
        """Everything that it heard, in order."""
        return list(self._events)

    def lines(self, task: str = "") -> list[str]:
        """The lines of a task, or of all."""
        return [it.message for it in self._events if isinstance(it, LogWriteEvent) and task in ("", it.name)]
