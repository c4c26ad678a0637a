"""RunLog: what the tasks of a run have said, as far as it is wanted, also while it goes on."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..dataclass import dataclass

if TYPE_CHECKING:
    from ..history.log_rows import LogFile, LogLine
    from ..history.reader import History

_LOOK_AGAIN_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are shown."""

    tasks: Sequence[str]
    """Empty: all."""
    attempt: int | None
    pattern: re.Pattern[str] | None
    since: float | None

    def has_file(self, file: LogFile) -> bool:
        """Lines of it may be shown."""
        return (not self.tasks or file.task in self.tasks) and self.attempt in (None, file.attempt)

    def has_line(self, line: LogLine) -> bool:
        """It is shown, if its file is."""
        is_found = self.pattern is None or self.pattern.search(line.message) is not None
        return line.at >= (self.since or 0.0) and is_found


class RunLog:
    """The log files of a run, each read up to some byte. Nothing tells readers that a task has spoken: they look."""

    def __init__(self, history: History, run: str, wanted: Wanted) -> None:
        self.run = run
        self.gone: set[str] = set()
        """Tasks whose file was deleted."""
        self.is_empty = True
        self._history = history
        self._wanted = wanted
        self._read: dict[tuple[str, int], int] = {}
        """How far, by file and the byte at which an attempt begins in it."""

    def lines(self) -> Iterator[LogLine]:
        """What is new, by time."""
        from ..history.log_pages import by_time, lines_from

        files = self._files()
        self.is_empty = not files
        self.gone = {file.task for file in files if not Path(file.path).exists()}

        def of(file: LogFile) -> Iterator[LogLine]:
            key = file.path, file.begin
            for line, end in lines_from(file, self._read.get(key, file.begin)):
                self._read[key] = end
                yield line

        return filter(self._wanted.has_line, by_time(files, of))

    def followed(self) -> Iterator[Iterator[LogLine]]:
        """What is new, again and again until the run is over."""
        is_over = False
        while not is_over:
            self._history.refresh()
            is_over = self._history.run(self.run).is_over
            yield self.lines()
            if not is_over:
                time.sleep(_LOOK_AGAIN_SECONDS)

    def copy(self, write: Callable[[bytes], None]) -> None:
        """Give the bytes of the files."""
        from ..history.log_pages import bytes_of

        for file in self._files():
            for piece in bytes_of(file):
                write(piece)

    def _files(self) -> list[LogFile]:
        return [file for file in self._history.log_files(self.run) if self._wanted.has_file(file)]
