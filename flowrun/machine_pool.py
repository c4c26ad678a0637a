"""MachinePool: a limit that all jobs of a user on this machine share, by locks that die with their holder."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from math import inf

from .errors import StateError
from .file_name import safe_file_name

_VARIABLE = "FLOWRUN_RUNTIME_DIR"
_OPEN = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
_TURN_SECONDS = 1.0
"""So long a job may use its slots before it leaves one to others."""
_PASSES = 2
"""So often a job that has had its turn asks in vain: others look for a slot in between."""


def runtime_directory(environ: Mapping[str, str]) -> str:
    """The directory with the slots: `FLOWRUN_RUNTIME_DIR`, or one below `/tmp` that is the same in every session."""
    return environ.get(_VARIABLE, "") or f"/tmp/flowrun-{os.geteuid()}"


class MachinePool:
    """A limit that all jobs of a user on this machine share. Each slot is a file, and a lock on it is held.

    Jobs take turns: one that has had its time leaves the next slot to those that wait.
    """

    def __init__(self, name: str, slots: int, runtime: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Make the directory. Raises StateError if it cannot be made, or others could write into it."""
        self._slots = slots
        self._clock = clock
        self._directory = os.path.join(runtime, "pools", safe_file_name(name))
        self._held: list[int] = []
        self._waiting: int | None = None
        self._since = -inf
        """When this job's turn began."""
        self._passes = 0
        try:
            for path in (runtime, os.path.dirname(self._directory), self._directory):
                _make_private(path)
        except OSError as error:
            raise StateError(f"pool {name!r}: cannot make {self._directory}: {error.strerror}") from error

    def take(self) -> bool:
        """Take a slot; False: there is none for this job now. Raises StateError if the files cannot be used."""
        with self._naming_the_directory():
            descriptor = None if self._is_passing() else self._free_slot()
            if descriptor is None:
                self._wait()
                return False
        if self._waiting is not None or not self._held:
            self._since = self._clock()
        self._wait_no_more()
        self._held.append(descriptor)
        return True

    def give_back(self) -> None:
        """Let go of a slot that was taken."""
        _unlock(self._held.pop())
        self._wait_no_more()
        with self._naming_the_directory():
            if self._clock() - self._since >= _TURN_SECONDS and self._others_wait():
                self._passes = _PASSES

    def __del__(self) -> None:
        """A run in this process may have ended before its tasks."""
        self._wait_no_more()
        while self._held:
            _unlock(self._held.pop())

    def _is_passing(self) -> bool:
        if not self._passes:
            return False
        self._passes -= 1
        return True

    def _free_slot(self) -> int | None:
        for number in range(self._slots):
            descriptor = _lock(os.path.join(self._directory, str(number)))
            if descriptor is not None:
                return descriptor
        return None

    def _wait(self) -> None:
        """Let the others know that this job waits: as long as it does, it shares a lock."""
        if self._waiting is None:
            self._waiting = _lock(self._path_of_waiting, fcntl.LOCK_SH)

    def _wait_no_more(self) -> None:
        descriptor, self._waiting = self._waiting, None
        if descriptor is not None:
            _unlock(descriptor)

    def _others_wait(self) -> bool:
        descriptor = _lock(self._path_of_waiting)
        if descriptor is not None:
            _unlock(descriptor)
        return descriptor is None

    @property
    def _path_of_waiting(self) -> str:
        return os.path.join(self._directory, "waiting")

    @contextmanager
    def _naming_the_directory(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StateError(f"cannot lock a slot in {self._directory}: {error.strerror}") from error


def _lock(path: str, kind: int = fcntl.LOCK_EX) -> int | None:
    """A descriptor that holds the lock on a file; None if somebody else does."""
    descriptor = os.open(path, _OPEN, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        os.utime(descriptor)  # what is old in a temporary directory may be cleared away
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
    except BlockingIOError:
        pass
    os.close(descriptor)
    return None


def _unlock(descriptor: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_UN)  # a child of a task in a thread may have inherited it
    os.close(descriptor)


def _make_private(path: str) -> None:
    """A directory into which only this user can write. Raises StateError for one of somebody else's."""
    with suppress(FileExistsError):
        os.makedirs(path, mode=0o700)
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise StateError(f"{path} must be a directory of this user alone: chmod 700 it, or remove it")
