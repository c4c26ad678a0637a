"""Descendants: the processes below this one: found, reaped and killed. Linux tells them through /proc and waitid."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Collection

_SHORT = 4096


class Descendants:
    """The children of this process, own ones and those that it got because their parents have died."""

    def __init__(self) -> None:
        self._list = os.open(f"/proc/self/task/{os.getpid()}/children", os.O_RDONLY | os.O_CLOEXEC)

    @property
    def descriptor(self) -> int:
        """To be closed in a child, which has descendants of its own."""
        return self._list

    def ended(self) -> int | None:
        """A child that has ended and is not reaped yet: its number cannot be used again meanwhile."""
        try:
            info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        except ChildProcessError:
            return None
        return None if info is None else info.si_pid

    @property
    def count(self) -> int:
        """How many children there are, ended ones too. Of very many it says just that: more than anyone started."""
        text = os.pread(self._list, _SHORT, 0)
        return text.count(b" ") if len(text) < _SHORT else sys.maxsize

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
    kill_rest_of_group(pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def kill_rest_of_group(pid: int) -> None:
    """Kill the group that a process has led, as long as that is not reaped and its number is its own."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _environment(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read()
    except OSError:
        return b""
