"""Search: a text in the jobs, runs and tasks of a project, and in what the newest runs have said."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from typing_extensions import TypedDict

from ..history.reader import History
from ..history.rows import RunRow
from ..history.search import FoundLine, lines_with
from ..iso_time import iso
from .known_jobs import job_rows
from .site import Site

_SECONDS = 0.3
_RUNS = 500
"""So many of the newest runs are looked into, if there is time."""
_OF_A_RUN = 5
_AROUND = 160
"""Characters of a line on each side of what was found."""


class FoundJobBody(TypedDict):
    """A job whose name has the text."""

    name: str


class FoundRunBody(TypedDict):
    """A run whose id begins with the text, or that has it in its job, a label or its message."""

    id: str
    job: str
    state: str
    started: str | None


class FoundTaskBody(TypedDict):
    """A task whose name has the text, and how it went last."""

    job: str
    name: str
    last_run: str
    last_state: str


class FoundLineBody(TypedDict):
    """A line of a log. `line` is its number in the attempt, `at` its place in the log of the task."""

    run: str
    job: str
    task: str
    attempt: int
    line: int
    at: int
    text: str


class SearchBody(TypedDict):
    """What was found. `is_cut`: there is more of something, or not every log was looked through."""

    jobs: list[FoundJobBody]
    runs: list[FoundRunBody]
    tasks: list[FoundTaskBody]
    lines: list[FoundLineBody]
    is_cut: bool


def search(site: Site, text: str, limit: int) -> SearchBody:
    """Where a text stands, whatever its case; so many of each kind at most."""
    history, more = site.history, limit + 1
    jobs = [name for name in job_rows(site) if text.casefold() in name.casefold()]
    runs = history.runs_with(text, more)
    tasks = history.tasks_with(text, more)
    newest = history.runs(limit=_RUNS)
    is_left = newest.next is not None
    until = time.monotonic() + _SECONDS
    lines = list(islice(_lines(history, newest.runs, text, lambda: time.monotonic() > until), more))
    found: tuple[Sequence[object], ...] = (jobs, runs, tasks, lines)
    return {
        "jobs": [{"name": name} for name in jobs[:limit]],
        "runs": [
            {"id": run.id, "job": run.job, "state": run.state, "started": iso(run.started)} for run in runs[:limit]
        ],
        "tasks": [
            {"job": one.job, "name": one.name, "last_run": one.run, "last_state": one.state} for one in tasks[:limit]
        ],
        "lines": lines[:limit],
        "is_cut": is_left or any(len(one) > limit for one in found) or time.monotonic() > until,
    }


def _lines(history: History, runs: Iterable[RunRow], text: str, is_over: Callable[[], bool]) -> Iterator[FoundLineBody]:
    for run in runs:
        if is_over():
            return
        for line in islice(lines_with(history.log_files(run.id), text, is_over), _OF_A_RUN):
            yield _line(run.id, run.job, line, text)


def _line(run: str, job: str, line: FoundLine, text: str) -> FoundLineBody:
    begin = max(0, line.text.casefold().find(text.casefold()) - _AROUND)
    return {
        "run": run,
        "job": job,
        "task": line.task,
        "attempt": line.attempt,
        "line": line.number,
        "at": line.at,
        "text": line.text[begin : begin + len(text) + 2 * _AROUND],
    }
