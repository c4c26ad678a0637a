"""News: what has happened in the history since the last look."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ..errors import UsageError
from ..file_size import file_size
from ..history.progress import Advance
from ..history.reader import History
from ..history.rows import RunRow

_MOST_EVENTS = 5000
_MOST_RUNS = 500
_MANY = 500
_SOMETIMES = 5
"""So many log files are looked at only in one of so many looks."""
_SELDOM = 10
"""Every so many looks it is asked whether the process of a run is gone."""


@dataclass(slots=True)
class Found:
    """What one look has found."""

    seq: int
    """The last event."""
    tasks: dict[str, set[str] | None] = field(default_factory=dict)
    """The tasks that changed, of each run in which something happened; None: too many to name them."""
    asked: dict[tuple[str, str], None] = field(default_factory=dict)
    """Runs and tasks about which a person was asked, or has answered."""
    advances: dict[str, list[Advance]] = field(default_factory=dict)
    """What attempts said of how far they are, of each run that is watched."""
    logs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The sizes of logs that grew, of each run."""


class BegunAnewError(Exception):
    """The history was deleted, or runs were: what was told before may be wrong by now."""


class News:
    """Remembers what it has told."""

    def __init__(self, history: History, seq: int) -> None:
        """`seq` is the last event of which nobody is to be told."""
        self._history = history
        self.seq = seq
        """The last event that was looked at."""
        self._change = history.last_change()
        self._looks = 0
        self._live = {run.id for run in history.runs(state="running", limit=_MOST_RUNS).runs}
        self._files: dict[str, dict[str, str]] = {}
        """Log files with their tasks, of each run that is watched."""
        self._counts: dict[str, int] = {}
        """How many attempts of each such run have begun to log."""
        self._sizes: dict[str, dict[str, int]] = {}

    def look(self, watched: Collection[str], live: Collection[str]) -> Found:
        """What is new; of `watched` runs also how much their logs have grown.

        `live` were going on when somebody began to watch them. Raises BegunAnewError if the numbers of events do.
        """
        self._live.update(live)
        found = Found(self._history.refresh())
        if found.seq < self.seq:
            raise BegunAnewError
        if found.seq > self.seq:
            self._take_events(found)
        self._take_advances(found, watched)
        self._looks += 1
        if self._looks % _SELDOM == 0:
            self._notice_the_dead(found)
        self._forget(self._files.keys() - set(watched))
        for run in watched:
            with suppress(UsageError):  # it was deleted, and somebody still looks at it
                if sizes := self._grown(run):
                    found.logs[run] = {"run": run, "size": sum(self._sizes[run].values()), "sizes": sizes}
        return found

    def _take_events(self, found: Found) -> None:
        events = self._history.events(after=self.seq, limit=_MOST_EVENTS)
        for event in events:
            names = found.tasks.setdefault(event.run, set())
            if event.task and names is not None:
                names.add(event.task)
            if event.kind == "approval":
                found.asked[event.run, event.task] = None
        self.seq = found.seq = events[-1].seq if events else found.seq
        self._live |= found.tasks.keys()

    def _take_advances(self, found: Found, watched: Collection[str]) -> None:
        advances = self._history.advances(after=self._change, limit=_MOST_EVENTS)
        for one in advances:
            self._change = one.change
            if one.run in watched:
                found.advances.setdefault(one.run, []).append(one)

    def _notice_the_dead(self, found: Found) -> None:
        """No event tells that the process of a run is gone."""
        for run in list(self._live):
            row = self._row(run)
            if row is None or row.is_over:
                self._live.discard(run)
            if row is not None and row.is_over:
                found.tasks.setdefault(run, None)

    def _row(self, run: str) -> RunRow | None:
        try:
            return self._history.run(run)
        except UsageError:  # it was deleted
            return None

    def _forget(self, runs: Collection[str]) -> None:
        """Nobody watches them any more: they may have very many files, and a server goes on for weeks."""
        for run in runs:
            for kept in (self._files, self._counts, self._sizes):
                kept.pop(run, None)

    def _grown(self, run: str) -> dict[str, int]:
        """The sizes of the logs of tasks that have grown."""
        is_first, count = run not in self._files, self._history.log_count(run)
        if is_first or count != self._counts[run]:
            self._counts[run] = count
            self._files[run] = {file.path: file.task for file in self._history.log_files(run)}
        if len(self._files[run]) > _MANY and self._looks % _SOMETIMES:
            return {}
        before, grown = self._sizes.setdefault(run, {}), dict[str, int]()
        for path, task in self._files[run].items():
            size = file_size(path)
            if before.get(path) != size:
                before[path] = grown[task] = size
        return {} if is_first else grown


def changed_tasks(history: History, run: str, after: int) -> set[str] | None:
    """The tasks of a run of which events after `after` tell; None: too many to name them."""
    events = history.events(run, after=after, limit=_MOST_EVENTS)
    return None if len(events) >= _MOST_EVENTS else {event.task for event in events if event.task}


def changed_runs(history: History, after: int) -> tuple[list[str], list[tuple[str, str]]]:
    """The runs of which events after `after` tell, and the tasks about which a person was asked in them.

    If there are too many events, these are the newest runs.
    """
    events = history.events(after=after, limit=_MOST_EVENTS)
    asked = list(dict.fromkeys((event.run, event.task) for event in events if event.kind == "approval"))
    if len(events) < _MOST_EVENTS:
        return list(dict.fromkeys(event.run for event in events)), asked
    return [run.id for run in reversed(history.runs(limit=_MOST_RUNS).runs)], asked
