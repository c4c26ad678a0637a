"""Capture: what threads and coroutines print becomes log lines of the attempt that printed it.

Attempts that share the runner's process cannot be told apart at the descriptor, so `sys.stdout` and `sys.stderr`
are replaced by streams that know the current attempt by a context variable. What nobody's attempt prints goes
where it went before.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any, TextIO

from ..eventbus.log import Severity

Say = Callable[[Severity, str], None]

_current: ContextVar[Spoken | None] = ContextVar("flowrun_attempt", default=None)


class Spoken:
    """What one attempt has said: whole lines are passed on, the last one is kept until it ends."""

    __slots__ = ("_rest", "_say")

    def __init__(self, say: Say) -> None:
        self._say = say
        self._rest: dict[Severity, str] = {}

    def write(self, severity: Severity, text: str) -> None:
        """Text as it was printed."""
        whole, newline, rest = text.rpartition("\n")
        if not newline:
            self._rest[severity] = self._rest.get(severity, "") + text
            return
        before, self._rest[severity] = self._rest.get(severity, ""), rest
        self._say(severity, (before + whole).replace("\r\n", "\n"))

    def close(self) -> None:
        """The attempt is over: what is left is a line."""
        for severity in (Severity.INFO, Severity.ERROR):
            if rest := self._rest.pop(severity, ""):
                self._say(severity, rest)

    def speaking(self) -> _Speaking:
        """What is printed in this context is said by this attempt."""
        return _Speaking(self)


class _Speaking:
    """A context in which an attempt speaks."""

    __slots__ = ("_spoken", "_token")

    def __init__(self, spoken: Spoken) -> None:
        self._spoken = spoken

    def __enter__(self) -> None:
        self._token = _current.set(self._spoken)

    def __exit__(self, *_error: object) -> None:
        _current.reset(self._token)
        self._spoken.close()


class AttemptStream:
    """Stands for `sys.stdout` or `sys.stderr`, and is as good a file as the one it stands for."""

    def __init__(self, behind: TextIO | None, severity: Severity) -> None:
        self._behind = behind
        self._severity = severity

    def write(self, text: str) -> int:
        spoken = _current.get()
        if spoken is not None:
            spoken.write(self._severity, text)
        elif self._behind is not None:
            self._behind.write(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if self._behind is not None and _current.get() is None:
            self._behind.flush()

    def isatty(self) -> bool:
        return _current.get() is None and self._behind is not None and self._behind.isatty()

    def close(self) -> None:
        """A task that closes its output closes nobody else's."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)


class _Streams:
    """The two streams, replaced by the first job of this process that begins, put back by the last that ends."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._before: tuple[TextIO | None, TextIO | None] = (None, None)

    def take(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._before = sys.stdout, sys.stderr
                sys.stdout = AttemptStream(sys.stdout, Severity.INFO)
                sys.stderr = AttemptStream(sys.stderr, Severity.ERROR)

    def give_back(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users:
                return
            if isinstance(sys.stdout, AttemptStream):  # else somebody has replaced it in the meantime
                sys.stdout = self._before[0]
            if isinstance(sys.stderr, AttemptStream):
                sys.stderr = self._before[1]


_streams = _Streams()


@contextmanager
def attempts_heard() -> Iterator[None]:
    """Replace the streams, once; afterwards they are as they were."""
    _streams.take()
    try:
        yield
    finally:
        _streams.give_back()
