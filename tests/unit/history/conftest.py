"""What the tests of the history share: a project whose runs write what they would write, without being run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowrun.attempt import Outcome, Reason
from flowrun.eventbus.execution import ExecutionState as S
from flowrun.eventbus.execution import TransitionsEvent
from flowrun.eventbus.progress import ProgressEvent
from flowrun.history.book import Book
from flowrun.history.places import Places, spool_name
from flowrun.history.reader import History
from flowrun.loggers.logger import LogPosition, LogPositions

BEGAN = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


class Told(LogPositions):
    """Positions that a test tells."""

    def __init__(self, positions: list[LogPosition]) -> None:
        super().__init__(())
        self._positions = positions

    def take(self) -> list[LogPosition]:
        taken, self._positions[:] = list(self._positions), []
        return taken


@dataclass
class WrittenRun:
    """One start of a run, as its recorder writes it. `at` counts seconds from its beginning."""

    places: Places
    run: str = "7f3a0001"
    job: str = "nightly"
    began: datetime = BEGAN
    tasks: Sequence[Sequence[Any]] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    positions: list[LogPosition] = field(default_factory=list)
    plan: Mapping[str, str] = field(default_factory=dict)
    queues: Sequence[str] = ()
    merged: Mapping[str, Any] = field(default_factory=dict)
    arguments: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.book = Book(
            self.places,
            spool_name(self.run, self.began),
            {
                "format": 1,
                "run": self.run,
                "job": self.job,
                "at": self.began.timestamp(),
                "file": "jobs/nightly.yaml",
                "root": "/project",
                "pid": 4711,
                "birth": "42",
                "host": "here",
                "user": "me",
                "version": "1.0",
                "trigger": "program",
                "labels": dict(self.labels),
                "arguments": list(self.arguments),
                "plan": dict(self.plan),
                "queues": list(self.queues),
            },
            define=self._define,
            positions=Told(self.positions),
            keeps_values=True,
        )
        self.book.open()
        self.book.define()

    def _define(self, places: Places) -> str:
        places.definitions.mkdir(parents=True, exist_ok=True)
        merged = {"tasks": {task[0]: {"task": task[2]} for task in self.tasks}, **self.merged}
        whole = {"tasks": list(self.tasks), "merged": merged, "origins": {}, "files": ["jobs/nightly.yaml"]}
        digest = f"d{abs(hash(json.dumps(whole)))}"
        places.definition(digest).write_text(json.dumps(whole))
        return digest

    def move(
        self,
        at: float,
        name: str,
        before: S,
        to: S,
        attempt: int = 1,
        outcome: Outcome | None = None,
        pause: float = 0,
        *,
        may_be_under_way: bool = False,
    ) -> None:
        """A task moves."""
        moves = [(name, before, to, attempt, outcome, pause, may_be_under_way)]
        self.note(TransitionsEvent(moves=moves, job_name=self.job, timestamp=self.began + timedelta(seconds=at)))

    def note(self, event: Any) -> None:
        """Something happens, and is written at once."""
        self.book.note(event)
        self.book.write()

    def advance(
        self, at: float, name: str, attempt: int, done: float, total: float | None = None, message: str = ""
    ) -> None:
        """An attempt says how far it is, and that is written at once."""
        when = self.began + timedelta(seconds=at)
        self.note(ProgressEvent(name=name, attempt=attempt, done=done, total=total, message=message, timestamp=when))
        self.book.settle()

    def performed(self, begin: float, end: float, name: str, outcome: Outcome | None = None, attempt: int = 1) -> None:
        """An attempt of a task, from its begin to its end."""
        outcome = outcome or Outcome.completed()
        self.move(begin, name, S.PENDING, S.RUNNING, attempt)
        self.move(end, name, S.RUNNING, S.COMPLETED if outcome.is_completed else S.FAILED, attempt, outcome)

    def end(self, at: float = 60.0, state: str = "completed", **more: Any) -> None:
        """The run is over."""
        ending = {
            "at": (self.began + timedelta(seconds=at)).timestamp(),
            "seconds": at,
            "state": state,
            "exit_status": 0 if state == "completed" else 1,
            "ending": "done",
            "root_cause": "",
            "message": "",
            "allowed": [],
            "notices": [],
        }
        self.book.close({**ending, **more})

    def vanish(self) -> None:
        """The process is gone without a word."""
        spool = self.book._spool
        assert spool is not None
        spool.close()


def task(name: str, *needs: str, kind: str = "task", parent: str = "", executor: str = "process") -> list[Any]:
    """A task of a definition."""
    return [name, kind, "Load", parent, executor, 3, list(needs), "jobs/nightly.yaml", 7]


Written = Callable[..., WrittenRun]


def failed(message: str = "ValueError: no rows") -> Outcome:
    """The outcome of an attempt that raised."""
    return Outcome.failed(message, Reason.RAISED).but(place=("tasks/a.py", 58), traceback="Traceback\n")


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., WrittenRun]:
    """Makes runs that are written into the project at `tmp_path`."""
    return lambda **more: WrittenRun(Places(tmp_path), **more)


@pytest.fixture
def history(tmp_path: Path) -> History:
    """The history of this project; it is an hour after the first run began."""
    return History(tmp_path, now=lambda: BEGAN.timestamp() + 3600, busy_seconds=0.05)


@pytest.fixture
def at(tmp_path: Path) -> Callable[[float], History]:
    """The history as it is so many seconds after the run began."""
    return lambda seconds: History(tmp_path, now=lambda: (BEGAN + timedelta(seconds=seconds)).timestamp())
