"""OSProcess: a process of this machine, told apart from a later one that has its number."""

from __future__ import annotations

import os
from contextlib import suppress

from .dataclass import dataclass

_BETWEEN_SIGNALS_SECONDS = 0.1
"""Two signals at once would be one."""


def birth_of(pid: int) -> str:
    """When a process was started, in clock ticks since boot; empty: there is none. Tells a reused number apart."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


@dataclass(frozen=True, slots=True)
class OSProcess:
    """The process with this number that was started then."""

    pid: int
    birth: str

    @property
    def is_alive(self) -> bool:
        """It has not ended."""
        return self.pid > 0 and bool(self.birth) and birth_of(self.pid) == self.birth

    def stop(self, *, now: bool = False) -> bool:
        """Ask it to end, as Ctrl-C does; `now`: its tasks are killed. False: it has ended already.

        Raises PermissionError for a process of somebody else.
        """
        import signal  # not at the top: every run loads this module, and hardly one needs these

        with suppress(ProcessLookupError):
            descriptor = os.pidfd_open(self.pid)
            try:
                if not self.is_alive:  # asked when nobody else can get the number any more
                    return False
                signal.pidfd_send_signal(descriptor, signal.SIGTERM)
                if now and not self.wait(_BETWEEN_SIGNALS_SECONDS):
                    with suppress(ProcessLookupError):
                        signal.pidfd_send_signal(descriptor, signal.SIGTERM)
            finally:
                os.close(descriptor)
            return True
        return False

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it has ended, at most so long. False: it is still there."""
        import select

        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            ended = select.poll()
            ended.register(descriptor, select.POLLIN)
            return not self.is_alive or bool(ended.poll(None if seconds is None else seconds * 1000))
        finally:
            os.close(descriptor)
