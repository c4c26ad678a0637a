"""The JSON form of a run, in lists and alone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from typing_extensions import TypedDict

from ..history.definition import Definition
from ..history.rows import AttemptRow, RunRow
from ..iso_time import iso
from ..plaintext import quoted


class CauseLine(TypedDict):
    """What went wrong first, in a line."""

    task: str
    message: str


class _RunFacts(TypedDict):
    """What is told of a run everywhere."""

    id: str
    job: str
    status: str
    started: str | None
    ended: str | None
    seconds: float
    is_live: bool
    counts: dict[str, int]
    tasks: int
    labels: dict[str, str]
    trigger: str
    user: str | None
    host: str
    starts: int
    exit_status: int | None
    usual_seconds: float | None
    remaining_seconds: float | None


class RunSummary(_RunFacts):
    """A run in a list."""

    cause: CauseLine | None


class RunPageBody(TypedDict):
    """Some runs, the newest first."""

    items: list[RunSummary]
    next: str | None


class PlaceBody(TypedDict):
    """A line of a file."""

    file: str
    line: int


class SourceLine(TypedDict):
    """A line with its text."""

    line: int
    text: str


class Cause(TypedDict):
    """The attempt that failed first, with what a person needs to see what to do."""

    task: str
    attempt: int
    max_attempts: int
    reason: str
    message: str
    place: PlaceBody | None
    excerpt: list[SourceLine]
    traceback: str
    last_lines: list[str]


class RunBody(_RunFacts):
    """A run alone."""

    cause: Cause | None
    file: str
    pid: int
    version: str
    ending: str
    log_bytes: int
    verdict: str
    can_restart: bool
    can_stop: bool
    continue_command: str
    last_good: str | None
    critical_path: list[str]
    vars: dict[str, Any]
    notices: list[str]


def run_summary(run: RunRow) -> RunSummary:
    """A run as it stands in lists."""
    return {
        "id": run.id,
        "job": run.job,
        "status": run.state,
        "started": iso(run.started),
        "ended": iso(run.ended),
        "seconds": round(run.seconds, 3),
        "is_live": not run.is_over,
        "counts": dict(run.counts),
        "tasks": sum(run.counts.values()),
        "cause": {"task": run.root_cause, "message": run.message} if run.root_cause or run.message else None,
        "labels": dict(run.labels),
        "trigger": run.trigger,
        "user": None if run.user.isdigit() else run.user,
        "host": run.host,
        "starts": run.starts,
        "exit_status": run.exit_status,
        "usual_seconds": run.usual_seconds,
        "remaining_seconds": run.remaining_seconds,
    }


def verdict(run: RunRow) -> str:
    """How a run went, in a sentence."""
    said = f" ({run.message})" if run.message else ""
    if run.state == "failed":
        return f"failed: {run.root_cause} did not complete{said}" if run.root_cause else f"failed{said}"
    if run.state == "interrupted":
        return "interrupted: its process is gone and did not say how it ended"
    if run.state == "stopped":
        if run.ending == "waiting for an approval":
            return "stopped: it waits for an approval"
        why = "its deadline passed" if run.ending == "deadline" else "it was stopped from outside"
        return f"stopped: {why}"
    return run.state


def can_continue(run: RunRow) -> bool:
    """Whether a restart may find something to do."""
    return run.state in ("failed", "stopped", "interrupted") and bool(run.file)


def continue_command(run: RunRow, variables: Iterable[tuple[str, str]]) -> str:
    """What a person types to continue it, with the variables that it had; empty if there is nothing to continue."""
    given = "".join(f" --var {quoted(f'{name}={value}')}" for name, value in variables)
    return f"flowrun -j {quoted(run.file)}{given} -r {run.id}" if can_continue(run) else ""


def place_of(attempt: AttemptRow, root: Path) -> PlaceBody | None:
    """Where an attempt failed; in the project relative to its root."""
    if not attempt.file:
        return None
    return {"file": attempt.file.removeprefix(f"{root}{os.sep}"), "line": attempt.line}


def cause_of(
    run: RunRow, attempt: AttemptRow | None, most: int, excerpt: list[SourceLine], last: list[str], root: Path
) -> Cause:
    """The attempt that failed first; `most` is the number of attempts that its task may have."""
    return {
        "task": run.root_cause,
        "attempt": attempt.number if attempt else 0,
        "max_attempts": most,
        "reason": attempt.reason if attempt else "",
        "message": attempt.message if attempt else run.message,
        "place": place_of(attempt, root) if attempt else None,
        "excerpt": excerpt,
        "traceback": attempt.traceback if attempt else "",
        "last_lines": last,
    }


def variables_of(definition: Definition | None) -> Mapping[str, Any]:
    """The section `vars:` of a run's definition."""
    found = definition.merged.get("vars") if definition else None
    return found if isinstance(found, Mapping) else {}


def run_summaries(runs: Sequence[RunRow]) -> list[RunSummary]:
    """Some runs as they stand in lists."""
    return [run_summary(run) for run in runs]
