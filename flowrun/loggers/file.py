"""FileLogger: what each task says, in a file of its own."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from pydantic import Field, PrivateAttr

from ..eventbus.log import LogEndEvent, LogLinesEvent, LogWriteEvent, SerializableLogEvent
from ..file_name import safe_file_name
from ..plaintext import plain
from .log_files import LogFiles
from .logger import Logger, LogPosition, logger
from .run_directory import RunDirectory

_PIECE = 1 << 20
"""Longer messages are written in pieces of so many characters, so that memory stays flat."""


@logger
class FileLogger(Logger):
    """Writes `BASE/YYYY-mm-dd.HH.MM.SS.xxxxxx/TASK.log`, each line as `[time] SEVERITY - message`.

    A message of several lines gets this prefix on each of them, and control characters are written out, so that
    no task can forge a line or reach the terminal of whoever reads the file. A line of more than a million
    characters is continued on the next.
    """

    takes_lines: ClassVar[bool] = True
    is_lossless: ClassVar[bool] = True
    hears_silent: ClassVar[bool] = False

    base_log_dir: str = Field(default="./logs", description="Where the directory of each run is made.")
    retention_days: int = Field(
        default=10,
        description="Logs of earlier runs are deleted when they are older; 0 keeps none of them, less than 0 all.",
    )

    _root: Path = PrivateAttr(default=Path())
    _directory: RunDirectory | None = PrivateAttr(default=None)
    _open_paths: dict[str, str] = PrivateAttr(default={})
    _files: LogFiles = PrivateAttr(default_factory=LogFiles)
    _positions: deque[LogPosition] = PrivateAttr(default_factory=deque)
    _wake: Callable[[], None] | None = PrivateAttr(default=None)

    def settle(self, root: Path) -> None:
        """Have a relative `base_log_dir` mean a directory in the project."""
        self._root = root

    @property
    def log_dir(self) -> Path | None:
        """The directory of this run; None before `on_create`."""
        return None if self._directory is None else Path(self._directory.path)

    def log_path(self, task: str) -> Path | None:
        """The log of a task, if it has said anything."""
        path = None if self._directory is None else Path(self._path(self._directory, task))
        return path if path is not None and path.exists() else None

    def take_log_positions(self) -> list[LogPosition]:
        """Where attempts began to log since this was asked last; any thread may ask."""
        taken = []
        while self._positions:  # not as many as there were at first: of one that came meanwhile nobody is told
            taken.append(self._positions.popleft())
        return taken

    def when_positioned(self, wake: Callable[[], None]) -> None:
        """Have `wake` called, on the thread of this logger, when there is something to take."""
        self._wake = wake

    @property
    def notices(self) -> list[str]:
        """What could not be written."""
        return self._files.notices

    async def on_create(self) -> None:
        """Make the directory of this run."""
        self._directory = RunDirectory(str(self._root / self.base_log_dir), datetime.now().astimezone())
        self._directory.create()

    async def update(self, evt: SerializableLogEvent) -> None:
        """Write what a task said; its file is made when it says something for the first time."""
        if isinstance(evt, LogLinesEvent):
            self._write(evt, evt.severity.value, evt.lines)
        elif isinstance(evt, LogWriteEvent):
            self._write(evt, evt.severity.value, evt.message)
        elif isinstance(evt, LogEndEvent) and (path := self._open_paths.pop(evt.name, None)):
            self._files.close(path)

    async def on_destroy(self) -> None:
        """Close all files and delete old ones."""
        self._files.close_all()
        if self._directory is not None:
            if self.retention_days >= 0:
                self._directory.delete_older(self.retention_days)
            self._directory.close()

    def _write(self, evt: SerializableLogEvent, severity: str, text: str) -> None:
        if self._directory is None:
            return
        time = evt.timestamp.astimezone().isoformat(timespec="milliseconds")
        path = self._open_paths.get(evt.name)
        if path is None:
            path = self._open_paths[evt.name] = self._path(self._directory, evt.name)
            self._note_position(evt, path)
        for piece in _lines(f"[{time}] {severity} - ", text):
            self._files.append(path, piece)

    def _note_position(self, evt: SerializableLogEvent, path: str) -> None:
        """If nobody takes them, they are not kept."""
        if self._wake is not None:
            self._positions.append((evt.name, evt.attempt, path, self._files.size(path)))
            if len(self._positions) == 1:
                self._wake()

    def _path(self, directory: RunDirectory, task: str) -> str:
        return os.path.join(directory.path, f"{safe_file_name(task)}.log")


def _lines(prefix: str, text: str) -> Iterator[bytes]:
    """The text with the prefix on every line, in pieces of whole lines."""
    for piece in _pieces(text):
        yield f"{prefix}{plain(piece)}\n".replace("\n", f"\n{prefix}").removesuffix(prefix).encode()


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that are cut at line ends, or inside a line that is longer than a piece."""
    start = 0
    while len(text) - start > _PIECE:
        end = text.rfind("\n", start, start + _PIECE)
        yield text[start : end if end >= 0 else start + _PIECE]
        start = end + 1 if end >= 0 else start + _PIECE
    yield text[start:]
