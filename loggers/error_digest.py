"""A logger of our own: every ERROR line of every task in one file."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from pydantic import PrivateAttr

from flowrun.eventbus.log import LogWriteEvent, SerializableLogEvent, Severity
from flowrun.loggers.logger import Logger, logger


@logger
class ErrorDigest(Logger):
    """Collects what went wrong."""

    path: Path

    _file: IO[str] = PrivateAttr()

    async def on_create(self) -> None:
        """Begin a new file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("w")

    async def update(self, evt: SerializableLogEvent) -> None:
        """Keep errors only."""
        if isinstance(evt, LogWriteEvent) and evt.severity is Severity.ERROR:
            self._file.write(f"{evt.name}: {evt.message}\n")

    async def on_destroy(self) -> None:
        """Close the file."""
        self._file.close()
