"""JobLock: two runs of the same job exclude each other, by a lock that the kernel frees when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from .durable import make_directory, make_state_directory
from .errors import JobAlreadyRunningError, StateError
from .file_name import safe_file_name
from .os_process import birth_of

_LEAVING_SECONDS = 10.0
"""The starter of a runner that was killed holds the lock until its tasks are dead; so long it is awaited."""


class JobLock:
    """The lock of one job in one state directory. The file says which process holds it.

    The starter of processes inherits it and lets go only when nothing of the run is alive any more, so a new
    run never overlaps with what an old one left behind. Tasks do not inherit it.
    """

    def __init__(self, state_directory: Path, job_name: str) -> None:
        self._state_directory = state_directory
        self._job_name = job_name
        self._path = state_directory / "locks" / f"{safe_file_name(job_name)}.lock"
        self.descriptor = -1

    def take(self, *, wait: bool = False) -> None:
        """Take the lock; `wait` as long as it needs.

        Raises JobAlreadyRunningError naming the holder, and StateError if the file cannot be opened.
        """
        self.descriptor = self._open()
        end = time.monotonic() + _LEAVING_SECONDS
        while not self._try():
            holder = self._holder()
            if wait or (not _is_alive(holder) and time.monotonic() < end):
                time.sleep(0.02)  # flock cannot wait with a limit, and a signal must end the wait
                continue
            os.close(self.descriptor)
            raise JobAlreadyRunningError(
                f"job {self._job_name!r} is already running as process {holder.split(' ')[0] or 'unknown'}"
                f" (its lock: {self._path}); wait for it, or stop it"
            )
        self._write_holder()

    def release(self) -> None:
        """Let go, also where a run beside this one in the same process has inherited the descriptor."""
        fcntl.flock(self.descriptor, fcntl.LOCK_UN)
        os.close(self.descriptor)

    def _open(self) -> int:
        try:
            make_state_directory(self._state_directory)
            make_directory(self._path.parent)
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise StateError(f"cannot write {self._path}: {error.strerror}") from error

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise StateError(f"cannot lock {self._path}: {error.strerror}") from error
        return True

    def _holder(self) -> str:
        return os.pread(self.descriptor, 64, 0).decode("ascii", "replace").strip()

    def _write_holder(self) -> None:
        try:
            os.ftruncate(self.descriptor, 0)
            os.pwrite(self.descriptor, f"{os.getpid()} {birth_of(os.getpid())}\n".encode(), 0)
        except OSError as error:
            raise StateError(f"cannot write {self._path}: {error.strerror}") from error


def _is_alive(holder: str) -> bool:
    pid, _, birth = holder.partition(" ")
    return pid.isdigit() and birth_of(int(pid)) == birth
