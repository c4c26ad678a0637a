"""Past: what runs write into their history, made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flowrun.attempt import Outcome, Reason
from flowrun.eventbus.execution import ExecutionState as S
from flowrun.eventbus.execution import TransitionsEvent


def begin_line(run: str, job: str, at: float, number: int) -> dict[str, Any]:
    """The first line of a run."""
    return {
        "format": 1,
        "run": run,
        "job": job,
        "at": at,
        "file": f"jobs/{job}.yaml",
        "root": "/project",
        "pid": 1,
        "birth": "1",
        "host": "here",
        "user": "me",
        "version": "0",
        "trigger": "program",
        "labels": {"number": str(number)},
        "arguments": [],
        "plan": {},
    }


def moves_of(at: datetime, tasks: int, *, fails: bool) -> Iterator[TransitionsEvent]:
    """Tasks that start and end two at a time; the last fails."""
    ended = Outcome.completed('{"rows":41000}').but(cpu_seconds=0.5, peak_bytes=50_000_000)
    failed = Outcome.failed("ValueError: no rows", Reason.RAISED).but(traceback="Traceback\n" * 10)
    for number in range(tasks):
        moment = at + timedelta(milliseconds=number * 2)
        name, is_bad = f"t{number}", fails and number == tasks - 1
        begin = (name, S.PENDING, S.RUNNING, 1, None, 0.0, False)
        yield TransitionsEvent(moves=[begin], timestamp=moment, job_name="j")
        after = moment + timedelta(milliseconds=1)
        end = (name, S.RUNNING, S.FAILED if is_bad else S.COMPLETED, 1, failed if is_bad else ended, 0.0, False)
        yield TransitionsEvent(moves=[end], timestamp=after, job_name="j")


def end_line(at: float, *, is_completed: bool) -> dict[str, Any]:
    """The last line of a run."""
    return {
        "at": at,
        "seconds": 30.0,
        "state": "completed" if is_completed else "failed",
        "exit_status": int(not is_completed),
        "ending": "done",
        "root_cause": "" if is_completed else "t9",
        "message": "" if is_completed else "ValueError: no rows",
        "allowed": [],
        "notices": [],
    }
