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
from ..history.progress import Advance
from ..history.reader import History
from ..history.rows import RunRow
from ..version import __version__
from .news import BegunAnewError, News, changed_runs, changed_tasks
from .run_form import run_summary
from .viewer import Viewer, message

_INTERVAL_SECONDS = 0.1
_SHARE = 3
"""A look takes at most one part in so many of the time, but nobody waits long because one look was slow."""
_LONGEST_PAUSE_SECONDS = 0.5
_SECONDS_PER_VIEWER = 0.0001
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
        self._tellings = 0
        """How often something was told."""
        self._moment = (-1, -1)
        self._seq = 0
        self._shared: dict[tuple[str | None, int | None], tuple[list[bytes], bool]] = {}
        """What those heard who came at this moment, as long as nothing is told."""
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
            is_first = self._looking is None or self._looking.done()
            seq = await asyncio.to_thread(self._history.refresh) if is_first else 0
            if run is not None or after is not None:
                missed, is_live = await asyncio.to_thread(self._missed, run, after)
                self._met |= {run} if run is not None and is_live else set()
                for data in missed:
                    viewer.put(data)
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look(seq))
            yield viewer
        finally:
            self._viewers.discard(viewer)

    def close(self) -> None:
        """Tell everybody that the server stops."""
        self._is_over = True
        self._part()

    def _part(self) -> None:
        for viewer in list(self._viewers):
            viewer.say_goodbye()

    def _missed(self, run: str | None, after: int | None) -> tuple[list[bytes], bool]:
        """The messages that bring somebody up to date, and whether the run goes on.

        Many who come at once share them.
        """
        with self._catching_up:
            moment = (self._tellings, int(time.monotonic() / _INTERVAL_SECONDS))
            if moment != self._moment or len(self._shared) >= _MOST_SHARED:
                self._moment, self._shared = moment, {}
                self._seq = self._history.refresh()
            if (run, after) not in self._shared:
                self._shared[run, after] = (
                    self._messages_of_all_since(after or 0, self._seq)
                    if run is None
                    else self._messages_since(run, after, self._seq)
                )
            return self._shared[run, after]

    def _messages_since(self, run: str, after: int | None, seq: int) -> tuple[list[bytes], bool]:
        row = self._history.run(run)
        messages: list[bytes] = []
        if after is not None and after < seq:
            names = changed_tasks(self._history, run, after)
            messages += _task_messages(self._history, run, names, seq)
        if advances := self._history.advances_under_way(run):
            messages.append(_progress_messages(advances, seq))
        return [*messages, _run_message(row, seq)], not row.is_over

    def _messages_of_all_since(self, after: int, seq: int) -> tuple[list[bytes], bool]:
        """One message for each run, and each question; after a very long time, for the newest runs."""
        changed, asked = changed_runs(self._history, after)
        messages = [_run_message(self._history.run(run), seq) for run in changed]
        messages += [_approval_message(self._history, run, task, seq) for run, task in asked]
        return [b"".join(messages)] if messages else [], False

    async def _look(self, seq: int) -> None:
        """Look again and again as long as somebody watches, for what came after the event `seq`."""
        news: News | None = None
        while self._viewers and not self._is_over:
            begun = time.monotonic()
            try:
                if news is None:
                    news = await asyncio.to_thread(News, self._history, seq)
                met, self._met = self._met, set()
                told = await asyncio.to_thread(self._told, news, {one.run for one in self._viewers}, met)
                seq = news.seq
            except BegunAnewError:  # they connect again, and read all of it
                self._part()
                return
            except FlowrunError:  # the history cannot be read now; it may be later, and nothing of this was told
                news, told = None, {}
            self._tellings += bool(told)
            reached = [viewer for viewer in self._viewers if viewer.run in told]
            for viewer in reached:
                for data in told[viewer.run]:
                    viewer.put(data)
            took = time.monotonic() - begun + _SECONDS_PER_VIEWER * len(reached)
            await asyncio.sleep(max(_INTERVAL_SECONDS, min(_SHARE * took, _LONGEST_PAUSE_SECONDS)))

    def _told(self, news: News, watched: set[str | None], met: set[str]) -> dict[str | None, list[bytes]]:
        """What is new, by the run that is watched; None: for those who watch all."""
        told: dict[str | None, list[bytes]] = {}
        found = news.look({run for run in watched if run is not None}, met)
        for run, names in found.tasks.items():
            data = _run_message(self._history.run(run), found.seq)
            told.setdefault(None, []).append(data)
            if run in watched:
                told[run] = [*_task_messages(self._history, run, names, found.seq), data]
        for run, task in found.asked:
            data = _approval_message(self._history, run, task, found.seq)
            for viewers in {None, run}:
                told.setdefault(viewers, []).append(data)
        for run, advances in found.advances.items():
            told.setdefault(run, []).append(_progress_messages(advances, found.seq))
        for run, body in found.logs.items():
            told.setdefault(run, []).append(message("log", body, f"{run}:{found.seq}"))
        return told


def _run_message(run: RunRow, seq: int) -> bytes:
    return message("run", run_summary(run), f"{run.id}:{seq}")


def _approval_message(history: History, run: str, task: str, seq: int) -> bytes:
    from .task_form import approval_body

    rows = history.tasks(run, [task])
    approval: Any = (approval_body(rows[0].approval) if rows else None) or {}
    return message("approval", {"run": run, "task": task, **approval}, f"{run}:{seq}")


def _progress_messages(advances: Iterable[Advance], seq: int) -> bytes:
    """One message for each attempt, all together: they are many, and none of them is to cut off who is slow."""
    return b"".join(
        message(
            "progress",
            {"run": one.run, "task": one.task, "attempt": one.attempt, **one.progress.body()},
            f"{one.run}:{seq}",
        )
        for one in advances
    )


def _task_messages(history: History, run: str, names: Iterable[str] | None, seq: int) -> list[bytes]:
    from .task_rows import all_task_rows, course_of, task_rows

    if names is None:
        row = history.run(run)
        rows: list[Any] = list(all_task_rows(history, row, course_of(history, row)))
    else:
        rows = list(task_rows(history, run, names))
    return [message("tasks", {"run": run, "seq": seq, "tasks": rows}, f"{run}:{seq}")] if rows else []
