"""History: what it costs a run, and how fast 10,000 runs can be looked at."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flowrun.history.book import Book
from flowrun.history.places import Places, spool_name
from flowrun.history.reader import History
from flowrun.loggers.logger import LogPositions

from ..contest import Claim, Contest, Figures, wall
from ..jobfile import JobFile
from ..past import begin_line, end_line, moves_of
from ..workload import independent
from ..workspace import Workspace

_RUNS = 10_000
_JOBS = 20


def cost(workspace: Workspace) -> Contest:
    """W1 and W2 with the history on and off."""
    project = workspace.project
    parts, claims = [], []
    for kind, number, keys, config, most in (
        ("W1", 1, "task: Empty", {}, None),
        ("W2 processes", 1000, "task: Empty", {"max_concurrency": 2}, 1.03),
        ("W2 async", 10_000, "task: EmptyAsync", {"max_concurrency": 2}, 1.15),
    ):
        name = f"history-{kind.replace(' ', '-').lower()}"
        on = JobFile(name, independent(number), (keys,), config)
        off = JobFile(f"no-{name}", independent(number), (keys,), {**config, "history": "false"})
        parts += [wall(f"{kind} on", project.run(on)), wall(f"{kind} off", project.run(off))]
        claims.append(Claim(f"{kind}, history on against off", f"{kind} on", f"{kind} off", at_most=most))
    return Contest(parts=parts, claims=claims)


def reading(workspace: Workspace) -> Contest:
    """Lists and pages of 10,000 runs of 10 tasks, and of one run of 10,000 tasks."""
    history = History(past(workspace))
    history.refresh()
    large = history.runs(job="large", limit=1).runs[0].id
    small = history.runs(job="job1", limit=1).runs[0].id
    asked: dict[str, tuple[Callable[[], object], float]] = {
        "refresh with nothing new": (history.refresh, 0.1),
        "the newest 50 runs": (lambda: history.runs(limit=50), 0.1),
        "50 failed runs of a job": (lambda: history.runs(job="job1", state="failed"), 0.1),
        "runs with a label": (lambda: history.runs(label="number=5000"), 0.1),
        "all jobs": (history.jobs, 0.1),
        "trends of a task": (lambda: history.trends("job1", "t3"), 0.1),
        "one run of 10 tasks": (lambda: _page(history, small), 0.1),
        "one run of 10,000 tasks": (lambda: _page(history, large), 0.5),
    }
    return Contest(
        parts=[_timed(name, ask) for name, (ask, _) in asked.items()],
        claims=[Claim(f"10,000 runs: {name}", name, at_most=most) for name, (_, most) in asked.items()],
    )


def _timed(name: str, ask: Callable[[], object]) -> Callable[[], Figures]:
    def measure() -> Figures:
        begin = time.perf_counter()
        ask()
        return {name: time.perf_counter() - begin}

    return measure


def _page(history: History, run: str) -> None:
    history.run(run), history.tasks(run), history.attempts(run), history.graph(run)


def past(workspace: Workspace) -> Path:
    """A project with what 10,000 runs would have written, and one of 10,000 tasks."""
    root = workspace.directory / "past"
    if not root.exists():
        _fill(root)
    return root


def _fill(root: Path) -> None:
    begin = datetime.now(UTC) - timedelta(days=6)
    for number in range(_RUNS):
        _write(root, f"{number:08x}", f"job{number % _JOBS}", begin + timedelta(seconds=number * 40), 10, number)
    _write(root, "ffffffff", "large", datetime.now(UTC), 10_000, 0)


def _write(root: Path, run: str, job: str, at: datetime, tasks: int, number: int) -> None:
    head = begin_line(run, job, at.timestamp(), number)
    book = Book(
        Places(root),
        spool_name(run, at),
        head,
        define=lambda _places: "",
        positions=LogPositions(()),
        keeps_values=True,
    )
    book.open()
    for event in moves_of(at, tasks, fails=number % 7 == 0):
        book.note(event)
    book.close(end_line(at.timestamp() + 30, is_completed=number % 7 != 0))
