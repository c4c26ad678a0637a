"""Part: one logger or extension, on a daemon thread of its own with an event loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from ..dataclass import dataclass
from ..eventbus.event import SerializableEvent
from ..eventbus.log import LogLinesEvent
from ..extensions.extension import Extension, Hearer
from ..loggers.logger import Logger
from .backlog import HEAVY_BYTES, LIMIT_BYTES, Backlog, lines_in

Ending = Literal["success", "failure", "abort"]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a part is fed, and how long one call of it may take."""

    interval_seconds: float
    patience_seconds: float


class Part:
    """Calls the hooks of one logger or extension and feeds it, so that it can neither stop nor slow the engine.

    `start`, `hear`, `close` and the waits belong to the engine's thread, everything that calls the component to
    the part's own. A component that raises is cut off: it hears nothing more, only its `on_destroy` is still
    called. One that does not come back from a call within the patience is left behind with its thread.
    """

    def __init__(self, title: str, component: Logger | Extension | Hearer, job_name: str, pace: Pace) -> None:
        """`title` says who it is in notices: `logger 'p' (Probe)`."""
        self.notices: list[str] = []
        self._title = title
        self._component = component
        self._job_name = job_name
        self._pace = pace
        self._splits_lines = isinstance(component, Logger) and not component.takes_lines
        self._backlog = Backlog(is_lossless=isinstance(component, Logger) and component.is_lossless)
        self._is_cut_off = False
        self._is_left_behind = False
        self._has_strayed = False
        self._ending: Ending | None = None
        self._closed_at = 0.0
        self._calling = ""
        self._call_began: float | None = None
        self._due: Callable[[], bool] | None = None
        self._wants_room = False
        self._engine_loop: asyncio.AbstractEventLoop | None = None
        self._opened = asyncio.Event()
        self._ended = asyncio.Event()
        self._has_room = asyncio.Event()

    # The engine's thread.

    def start(self, *, is_restart: bool) -> None:
        """Begin with `on_create` and, in a restart, `on_restart`."""
        self._engine_loop = asyncio.get_running_loop()
        self._loop = asyncio.new_event_loop()
        self._wake = asyncio.Event()
        threading.Thread(target=self._main, args=(is_restart,), name=f"flowrun {self._title}", daemon=True).start()

    async def opened(self) -> None:
        """Wait until the part is ready to hear, or was cut off."""
        await self._watch(self._opened)

    def hear(self, event: SerializableEvent) -> None:
        """Keep an event for the part, and wake it if it is time."""
        if not self._is_cut_off:
            self._backlog.put(event)
            self._nudge()

    @property
    def is_full(self) -> bool:
        """The part may lose nothing and is too far behind."""
        return self._backlog.is_lossless and not self._is_cut_off and self._backlog.held_bytes > LIMIT_BYTES

    async def wait_for_room(self) -> None:
        """Wait until the part has caught up by half, or was cut off."""
        while self.is_full:
            self._has_room.clear()
            self._wants_room = True
            if self._may_have_room():
                return
            await self._watch(self._has_room)

    async def close(self, ending: Ending) -> None:
        """Let the part hear what is left, then call its last hooks; returns when it is done or was left behind."""
        if self._engine_loop is None:
            return
        self._closed_at, self._ending = time.monotonic(), ending
        self._nudge()
        await self._watch(self._ended)
        if self._backlog.dropped and not self._is_cut_off:
            what = "lines" if isinstance(self._component, Logger) else "transitions"
            self.notices.append(f"{self._title} dropped {self._backlog.dropped} {what}: it was too slow")
        notices = getattr(self._component, "notices", None)
        self.notices += [f"{self._title} {notice}" for notice in notices] if isinstance(notices, list) else []

    async def _watch(self, fact: asyncio.Event) -> None:
        """Wait for a fact; leave the part behind if it hangs in a call meanwhile."""
        while not fact.is_set() and not self._is_left_behind:
            began, patience = self._call_began, self._pace.patience_seconds
            seconds_left = patience if began is None else began + patience - time.monotonic()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, seconds_left)):
                    await fact.wait()
                    return
            if began is not None and began == self._call_began:
                self._cut_off(f"{self._calling} did not return within {patience:g} s")
                self._is_left_behind = True

    def _nudge(self) -> None:
        due = self._due
        if due is not None and due():
            self._due = None
            with contextlib.suppress(RuntimeError):  # its loop is closed: it has ended
                self._loop.call_soon_threadsafe(self._wake.set)

    # The part's thread.

    def _main(self, is_restart: bool) -> None:
        self._loop.set_exception_handler(lambda _loop, context: self._strayed(context.get("exception")))
        life = self._loop.create_task(self._live(is_restart))
        while not life.done():
            try:
                self._loop.run_until_complete(life)
            except BaseException as error:  # a task that the component started itself ended the loop
                self._strayed(error)
        with contextlib.suppress(BaseException):
            self._end_stray_tasks()
        self._tell(self._opened)
        self._tell(self._ended)

    async def _live(self, is_restart: bool) -> None:
        if hasattr(self._component, "introduce"):
            await self._call("introduce", self._job_name)
        is_created = await self._call("on_create")
        if is_created and is_restart:
            await self._call("on_restart")
        self._tell(self._opened)
        await self._feed()
        if not self._is_cut_off:
            await self._call(f"on_{self._ending}")
        if is_created:
            await self._call("on_destroy")

    async def _feed(self) -> None:
        while self._ending is None or self._backlog:
            await self._until(self._is_wanted)
            began = self._loop.time()
            await self._hand_over()
            if self._pace.interval_seconds > 0:
                await self._until(self._is_urgent, began + self._pace.interval_seconds)

    def _is_urgent(self) -> bool:
        return self._ending is not None or self._backlog.held_bytes > HEAVY_BYTES

    def _is_wanted(self) -> bool:
        return self._ending is not None or len(self._backlog) > 0

    async def _until(self, due: Callable[[], bool], at: float | None = None) -> None:
        """Sleep until `due` or the time `at`. Whoever makes it due wakes this thread, once."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(at):
                self._due = due
                while not due():
                    self._wake.clear()
                    await self._wake.wait()
                    self._due = due
        self._due = None

    async def _hand_over(self) -> None:
        if self._is_cut_off:
            self._backlog.clear()
        for _ in range(len(self._backlog)):
            event = self._backlog.take()
            if event.job_name is None:
                event = replace(event, job_name=self._job_name)
            forms = event.writes() if self._splits_lines and isinstance(event, LogLinesEvent) else (event,)
            for number, each in enumerate(forms):
                if self._ending is not None and self._is_late():
                    self._backlog.give_up(lines_in(event) - number)
                    return
                if not await self._call("update", each):
                    return
            self._backlog.done(event)
            if self._wants_room:
                self._give_room()

    def _is_late(self) -> bool:
        """The job is over, and a part that may lose lines has had its time for them."""
        is_over = self._ending is not None and not self._backlog.is_lossless
        return is_over and time.monotonic() - self._closed_at > self._pace.patience_seconds

    async def _call(self, hook: str, *arguments: SerializableEvent | str) -> bool:
        """Call a hook and say whether it went well. Anything may come out of it, also SystemExit."""
        if self._is_left_behind:
            return False
        self._calling, self._call_began = hook, time.monotonic()
        try:
            waiting = getattr(self._component, hook)(*arguments)
            if waiting is not None:
                await waiting
        except BaseException as error:
            self._cut_off(f"{_words(error)} in {hook}")
            return False
        finally:
            self._call_began = None
        return True

    def _cut_off(self, why: str) -> None:
        if not self._is_cut_off:
            self._is_cut_off = True
            self.notices.append(f"{self._title} was cut off: {why}")
        self._backlog.clear()
        self._give_room()

    def _strayed(self, error: BaseException | None) -> None:
        """A task that the component started itself has failed: say so once."""
        if error is not None and not self._has_strayed:
            self._has_strayed = True
            self.notices.append(f"{self._title}: {_words(error)} in a task of its own")

    def _end_stray_tasks(self) -> None:
        self._calling, self._call_began = "a task of its own", time.monotonic()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()
        self._call_began = None

    # Between the threads.

    def _may_have_room(self) -> bool:
        return self._is_cut_off or self._backlog.held_bytes < LIMIT_BYTES // 2

    def _give_room(self) -> None:
        if self._wants_room and self._may_have_room():
            self._wants_room = False
            self._tell(self._has_room)

    def _tell(self, fact: asyncio.Event) -> None:
        assert self._engine_loop is not None
        with contextlib.suppress(RuntimeError):  # the engine is gone
            self._engine_loop.call_soon_threadsafe(fact.set)


def _words(error: BaseException) -> str:
    """Type and message in one short line, also of an exception that cannot be shown."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # its `__str__` is the plugin's code
        text = "(its message cannot be shown)"
    return f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__
