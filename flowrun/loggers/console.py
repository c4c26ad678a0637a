"""ConsoleLogger: what tasks say, on the terminal."""

from __future__ import annotations

import os
import sys
import zlib
from typing import ClassVar, Literal, TextIO

from pydantic import Field, PrivateAttr

from ..eventbus.log import LogLinesEvent, LogWriteEvent, SerializableLogEvent
from ..plaintext import plain, plain_line
from ..terminal import ERASE_BELOW, is_terminal, shows_colours
from .logger import Logger, logger

_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)


@logger
class ConsoleLogger(Logger):
    """Writes each line as `TASK | line`, in one colour a task on a terminal.

    Control characters are written out. When nobody reads any more it says nothing more; when somebody reads too
    slowly, lines are dropped.
    """

    takes_lines: ClassVar[bool] = True

    stream: Literal["stdout", "stderr"] = Field(default="stderr", description="Where the lines go.")
    color: Literal["auto", "always", "never"] = Field(default="auto", description="Use of colours.")

    _is_terminal: bool = PrivateAttr(default=False)
    _is_coloured: bool = PrivateAttr(default=False)
    _is_closed: bool = PrivateAttr(default=False)

    async def on_create(self) -> None:
        """Find out what the stream can show."""
        self._is_terminal = is_terminal(self._out)
        self._is_coloured = shows_colours(self._out) if self.color == "auto" else self.color == "always"

    async def update(self, evt: SerializableLogEvent) -> None:
        """Write what a task said."""
        if isinstance(evt, LogLinesEvent):
            self._write(evt.name, evt.lines)
        elif isinstance(evt, LogWriteEvent):
            self._write(evt.name, evt.message)

    @property
    def _out(self) -> TextIO | None:
        return sys.__stdout__ if self.stream == "stdout" else sys.__stderr__

    def _write(self, task: str, text: str) -> None:
        if self._is_closed or self._out is None:
            return
        prefix = f"{plain_line(task)} | "
        if self._is_coloured:
            prefix = f"\x1b[{_COLOURS[zlib.crc32(task.encode()) % len(_COLOURS)]}m{prefix}\x1b[0m"
        lines = f"{prefix}{plain(text)}\n".replace("\n", f"\n{prefix}").removesuffix(prefix)
        data = ERASE_BELOW + lines if self._is_terminal else lines
        try:
            _write_all(self._out.fileno(), data.encode())
        except (OSError, ValueError):  # the reader is gone, or the stream is closed
            self._is_closed = True


def _write_all(descriptor: int, data: bytes) -> None:
    """Write past Python's buffer: its lock must not be held while nobody reads."""
    while data:
        data = data[os.write(descriptor, data) :]
