"""Descendants: the processes below this one: found, reaped and killed. Linux tells them through /proc and waitid."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Collection


class Descendants:
    """The children of this process, own ones and those that it got because their parents have died."""

    def __init__(self) -> None:
        self._list = os.open(f"/proc/self/task/{os.getpid()}/children", os.O_RDONLY | os.O_CLOEXEC)

    def close(self) -> None:
        """Called in a child, which has descendants of its own."""
        os.close(self._list)

    def ended(self) -> int | None:
        """A child that has ended and is not reaped yet: its number cannot be used again meanwhile."""
        try:
            info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        except ChildProcessError:
            return None
        return None if info is None else info.si_pid

    def kill_strangers(self, known: Collection[int], mark: bytes) -> None:
        """Kill the children that are not known: those with `mark` in their environment, or all if it is empty."""
        for pid in self._pids():
            if pid not in known and (not mark or mark in _environment(pid)):
                kill_group(pid)

    def kill_all(self) -> None:
        """Kill and reap everything, until nothing is left."""
        while True:
            for pid in self._pids():
                kill_group(pid)
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return

    def _pids(self) -> list[int]:
        text, offset = b"", 0
        while part := os.pread(self._list, 1 << 16, offset):
            text += part
            offset += len(part)
        return [int(pid) for pid in text.split()]


def kill_group(pid: int) -> None:
    """Kill a process and, if it leads one, its group."""
    for send in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            send(pid, signal.SIGKILL)


def _environment(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read()
    except OSError:
        return b""
