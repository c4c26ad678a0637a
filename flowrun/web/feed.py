"""Feed: looks into the history as long as somebody watches, once for all of them, and tells them what is new."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from ..errors import FlowrunError
from ..history.reader import History
from ..history.rows import RunRow
from ..version import __version__
from .news import News, changed_tasks
from .run_form import run_summary
from .viewer import Viewer, message

_INTERVAL_SECONDS = 0.1
_SHARE = 4
"""A look takes at most one part in so many of the time."""
_SECONDS_PER_VIEWER = 0.0002
_MOST_SHARED = 8


class Feed:
    """One look for all who watch. Without them there is none."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._viewers: set[Viewer] = set()
        self._looking: asyncio.Task[None] | None = None
        self._is_over = False
        self._met: set[str] = set()
        """Runs that were going on when somebody began to watch them."""
        self._shared: dict[tuple[str, int | None, int], tuple[list[bytes], bool]] = {}
        self._catching_up = Lock()

    @property
    def viewers(self) -> int:
        """How many watch."""
        return len(self._viewers)

    @asynccontextmanager
    async def watching(self, run: str | None, after: int | None) -> AsyncIterator[Viewer]:
        """One who watches a run, or all of them; what came after the event `after` comes first."""
        viewer = Viewer(run)
        viewer.put(message("hello", {"version": __version__, "time": datetime.now(UTC).isoformat()}))
        if self._is_over:
            viewer.say_goodbye()
        self._viewers.add(viewer)
        try:
            if run is not None:
                missed, is_live = await asyncio.to_thread(self._missed, run, after)
                self._met |= {run} if is_live else set()
                for data in missed:
                    viewer.put(data)
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            yield viewer
        finally:
            self._viewers.discard(viewer)

    def close(self) -> None:
        """Tell everybody that the server stops."""
        self._is_over = True
        for viewer in list(self._viewers):
            viewer.say_goodbye()

    def _missed(self, run: str, after: int | None) -> tuple[list[bytes], bool]:
        """The messages that bring somebody up to date, and whether the run goes on.

        Many who come at once share them.
        """
        with self._catching_up:
            key = (run, after, self._history.refresh())
            if key not in self._shared:
                if len(self._shared) >= _MOST_SHARED:
                    self._shared.clear()
                self._shared[key] = self._messages_since(*key)
            return self._shared[key]

    def _messages_since(self, run: str, after: int | None, seq: int) -> tuple[list[bytes], bool]:
        row = self._history.run(run)
        messages: list[bytes] = []
        if after is not None and after < seq:
            names = changed_tasks(self._history, run, after)
            messages += _task_messages(self._history, run, names, seq)
        return [*messages, _run_message(row, seq)], not row.is_over

    async def _look(self) -> None:
        """Look again and again as long as somebody watches."""
        news = await asyncio.to_thread(News, self._history)
        while self._viewers and not self._is_over:
            begun = time.monotonic()
            try:
                met, self._met = self._met, set()
                told = await asyncio.to_thread(self._told, news, {one.run for one in self._viewers}, met)
            except FlowrunError:  # the history cannot be read now; it may be later
                told = {}
            for viewer in list(self._viewers):
                for data in told.get(viewer.run, ()):
                    viewer.put(data)
            took = time.monotonic() - begun + _SECONDS_PER_VIEWER * len(self._viewers)
            await asyncio.sleep(max(_INTERVAL_SECONDS, _SHARE * took))

    def _told(self, news: News, watched: set[str | None], met: set[str]) -> dict[str | None, list[bytes]]:
        """What is new, by the run that is watched; None: for those who watch all."""
        told: dict[str | None, list[bytes]] = {}
        found = news.look({run for run in watched if run is not None}, met)
        for run, names in found.tasks.items():
            data = _run_message(self._history.run(run), found.seq)
            told.setdefault(None, []).append(data)
            if run in watched:
                told[run] = [*_task_messages(self._history, run, names, found.seq), data]
        for run, body in found.logs.items():
            told.setdefault(run, []).append(message("log", body, f"{run}:{found.seq}"))
        return told


def _run_message(run: RunRow, seq: int) -> bytes:
    return message("run", run_summary(run), f"{run.id}:{seq}")


def _task_messages(history: History, run: str, names: Iterable[str] | None, seq: int) -> list[bytes]:
    from .task_rows import task_rows

    rows: list[Any] = list(task_rows(history, run, names))
    return [message("tasks", {"run": run, "seq": seq, "tasks": rows}, f"{run}:{seq}")] if rows else []
