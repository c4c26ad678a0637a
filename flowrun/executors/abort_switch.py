"""AbortSwitch: how an attempt that is being performed learns that it is to end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Aborted(BaseException):
    """Raised inside a hook of a task that is stopped from outside.

    Not an Exception, so that no task catches it by chance.
    """


class AbortSwitch:
    """Asked once; interrupts only while a hook runs that may be interrupted."""

    __slots__ = ("_cancel", "_is_held", "_is_open", "is_asked")

    def __init__(self) -> None:
        self.is_asked = False
        self._is_open = False
        self._is_held = False
        self._cancel: Callable[[], None] | None = None

    def ask(self) -> None:
        """The attempt is to end, said from another thread: `aborting` is true from now on, an `await` is cancelled."""
        self.is_asked = True
        if self._is_open and self._cancel is not None:
            self._is_open = False
            self._cancel()

    def interrupt(self) -> None:
        """The same, from a signal handler: what runs in this thread is interrupted, at most once."""
        self.ask()
        if self._is_open and not self._is_held:
            self._is_open = False
            raise Aborted

    def open(self) -> None:
        """From here on a hook may be interrupted; raises at once if the attempt was already asked to end."""
        if self.is_asked:
            raise Aborted
        self._is_open = True

    def close(self) -> None:
        """From here on nothing is interrupted."""
        self._is_open = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """In here nothing is interrupted; an interruption that came meanwhile follows at the end.

        Signals interrupt the main thread only, so a thread that the task has started need not be held.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
        if self.is_asked and self._cancel is None:
            self.interrupt()

    def awaiting(self) -> _Awaiting:
        """The hook waits in an event loop: it is cancelled instead of interrupted."""
        return _Awaiting(self)


class _Awaiting:
    """A context in which a hook waits."""

    __slots__ = ("_loop", "_switch", "_task")

    def __init__(self, switch: AbortSwitch) -> None:
        self._switch = switch

    def __enter__(self) -> None:
        import asyncio

        switch = self._switch
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task(self._loop)
        switch._cancel = self._call_cancel
        if switch.is_asked and switch._is_open:
            self.__exit__()
            raise Aborted

    def __exit__(self, *_error: object) -> None:
        self._task = None  # the next hook is not to be cancelled in the place of this one
        self._switch._cancel = None

    def _call_cancel(self) -> None:
        with suppress(RuntimeError):  # the loop has ended, and the hook with it
            self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
