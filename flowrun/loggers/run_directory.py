"""RunDirectory: the directory into which one run logs, among those of other runs."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from .log_files import make_directories

_TIME = "%Y-%m-%d.%H.%M.%S"
_NAME = re.compile(r"\d{4}-\d\d-\d\d\.\d\d\.\d\d\.\d\d(\.[0-9a-f]+)?")
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class RunDirectory:
    """`BASE/YYYY-mm-dd.HH.MM.SS.xxxxxx`, in local time; the end of the name makes it unlike any other.

    As long as it is not closed it is locked, so that no other run takes it for an old one.
    """

    def __init__(self, base: str, started: datetime) -> None:
        """Choose a name. `started` is the local time at which the run began."""
        self._base = base
        self._started = started
        self._lock: int | None = None
        self.path = self._chosen()

    def create(self) -> None:
        """Make and lock the directory. If that fails it is made when the first file is opened."""
        with contextlib.suppress(OSError):
            make_directories(self._base)
            while not _is_made(self.path):
                self.path = self._chosen()
            self._lock = os.open(self.path, _DIRECTORY)
            fcntl.flock(self._lock, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def close(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def delete_older(self, days: int) -> None:
        """Delete log files of earlier runs that are older than so many days, and directories that are empty then.

        0 deletes those of all earlier runs. Directories of runs that are not over, and whatever does not look as
        if a run had made it, stay. Nothing is raised.
        """
        with contextlib.suppress(OSError):
            before = self._started - timedelta(days=days)
            names = [entry.name for entry in os.scandir(self._base) if _NAME.fullmatch(entry.name)]
            for name in names:
                if name[:19] <= before.strftime(_TIME) and name != os.path.basename(self.path):
                    _delete_logs(os.path.join(self._base, name), before.timestamp())

    def _chosen(self) -> str:
        return os.path.join(self._base, f"{self._started.strftime(_TIME)}.{os.urandom(3).hex()}")


def _is_made(path: str) -> bool:
    try:
        os.mkdir(path, 0o755)
    except FileExistsError:
        return False
    return True


def _delete_logs(path: str, before: float) -> None:
    with contextlib.suppress(OSError), _locked(path) as directory:
        for entry in os.scandir(directory):
            is_log = entry.name.endswith(".log") and entry.is_file(follow_symlinks=False)
            if is_log and entry.stat(follow_symlinks=False).st_mtime <= before:
                os.unlink(entry.name, dir_fd=directory)
        os.rmdir(path)


@contextlib.contextmanager
def _locked(path: str) -> Iterator[int]:
    """A descriptor of a directory that no run uses; raises OSError if one does, or if it is a link."""
    descriptor = os.open(path, _DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield descriptor
    finally:
        os.close(descriptor)
