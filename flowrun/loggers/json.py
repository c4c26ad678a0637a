"""JsonLogger: what tasks say, as lines of JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from pydantic import Field, PrivateAttr

from ..eventbus.log import LogLinesEvent, LogWriteEvent, SerializableLogEvent
from ..file_name import safe_file_name
from .log_files import LogFiles
from .logger import Logger, logger

_quoted: Callable[[str], str] = json.JSONEncoder().encode


@logger
class JsonLogger(Logger):
    """Writes one object a line: time, job, task, attempt, severity and message."""

    takes_lines: ClassVar[bool] = True
    is_lossless: ClassVar[bool] = True

    path: str = Field(
        default="./logs/{job}.{time}.jsonl",
        description="The file, or `-` for standard output. `{job}` is the name of the job, `{time}` unlike any other.",
    )

    _root: Path = PrivateAttr(default=Path())
    _time: str = PrivateAttr(default="")
    _files: LogFiles = PrivateAttr(default_factory=LogFiles)
    _is_closed: bool = PrivateAttr(default=False)

    def settle(self, root: Path) -> None:
        """Have a relative `path` mean a file in the project."""
        self._root = root

    @property
    def notices(self) -> list[str]:
        """What could not be written."""
        return self._files.notices

    async def on_create(self) -> None:
        """Choose what stands for `{time}`."""
        self._time = f"{datetime.now():%Y-%m-%d.%H.%M.%S}.{os.urandom(3).hex()}"

    async def update(self, evt: SerializableLogEvent) -> None:
        """Write what a task said; the file is made with the first line."""
        if isinstance(evt, LogLinesEvent):
            self._write(evt, evt.severity.value, evt.lines.split("\n"))
        elif isinstance(evt, LogWriteEvent):
            self._write(evt, evt.severity.value, [evt.message])

    async def on_destroy(self) -> None:
        """Close the file."""
        self._files.close_all()

    def _write(self, evt: SerializableLogEvent, severity: str, messages: list[str]) -> None:
        head = json.dumps(
            {
                "time": evt.timestamp.isoformat(timespec="milliseconds"),
                "job": evt.job_name,
                "task": evt.name,
                "attempt": evt.attempt,
                "severity": severity,
            }
        )
        start = f'{head[:-1]}, "message": '
        data = "".join([f"{start}{_quoted(message)}}}\n" for message in messages]).encode("ascii")
        if self.path == "-":
            self._print(data)
        else:
            self._files.append(str(self._root / self._filled(evt.job_name or "")), data)

    def _filled(self, job: str) -> str:
        return self.path.replace("{job}", safe_file_name(job)).replace("{time}", self._time)

    def _print(self, data: bytes) -> None:
        if self._is_closed or sys.__stdout__ is None:
            return
        try:
            while data:
                data = data[os.write(sys.__stdout__.fileno(), data) :]
        except (OSError, ValueError):  # the reader is gone, or the stream is closed
            self._is_closed = True
