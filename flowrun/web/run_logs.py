"""RunLogs: the logs that were read last, so that the next page of one begins where it is."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from ..file_size import file_size
from ..history.log_rows import LogFile
from ..history.reader import History
from .log_pieces import LogPieces
from .run_log import RunLog

_KEPT = 16


class RunLogs:
    """The logs that were read last."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._logs: OrderedDict[tuple[str, str, int], RunLog] = OrderedDict()
        self._lock = Lock()

    def pieces(self, run: str, task: str = "", attempt: int = 0) -> LogPieces:
        """The log of a task, or of one attempt of it, or of all tasks, with what was written until now."""
        log = self._log((run, task, attempt))
        log.grow(self._history.log_files(run, task or None, attempt or None))
        return log.pieces

    def size(self, run: str) -> int:
        """Bytes that all tasks of a run have written; nothing is read for it."""
        files = self._history.log_files(run)
        return sum(max(0, _end(file) - file.begin) for file in files)

    def _log(self, key: tuple[str, str, int]) -> RunLog:
        with self._lock:
            log = self._logs.pop(key, None) or RunLog()
            self._logs[key] = log
            while len(self._logs) > _KEPT:
                self._logs.popitem(last=False)
            return log


def _end(file: LogFile) -> int:
    size = file_size(file.path)
    return size if file.end is None else min(file.end, size)
