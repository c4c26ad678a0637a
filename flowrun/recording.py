"""Recording: what the history is told of a run besides its events: whose it is, and how it ended."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .account_name import account_name
from .assemble import OpenJob
from .engine.account import Ending
from .engine.job import Job
from .engine.report import Report
from .engine.restart import RestartPlan
from .errors import FlowrunError
from .eventbus.execution import ExecutionState
from .given_variables import LEFT_OUT, variable_options
from .history.book import Book
from .history.places import Places, spool_name
from .history.recorder import HistoryRecorder
from .jobdefinition.model import ConfigurationDefinition
from .loggers.logger import LogPositions
from .os_process import birth_of
from .project_root import path_from_root
from .request import RunRequest
from .version import __version__

_MOST_NOTICES = 50
_MOST_WAITING = 50
"""If more spools wait to be taken into the database, a run that is over takes some."""
_TAKING_SECONDS = 0.5
_LONG_SECONDS = 0.05
"""Nobody plans with less: a run of which no task took so long leaves nothing, and is not made longer by it."""


def recorder_of(
    opened: OpenJob, job: Job, request: RunRequest, config: ConfigurationDefinition, plan: RestartPlan
) -> HistoryRecorder:
    """Who writes down what happens in one run."""
    started = datetime.now(UTC)

    def define(places: Places) -> str:
        from .recorded_definition import keep_definition  # in the recorder's thread, while the first tasks start

        return keep_definition(opened, places)

    book = Book(
        Places(opened.root),
        spool_name(job.run_id, started),
        {**_head(opened, job, request, started), "plan": _plan(plan)},
        define=define,
        positions=LogPositions(job.loggers.values()),
        keeps_values=config.history is True or (config.history is not False and config.history.values),
    )
    return HistoryRecorder(book)


def _head(opened: OpenJob, job: Job, request: RunRequest, started: datetime) -> dict[str, Any]:
    machine = os.uname()
    return {
        "format": 1,
        "run": job.run_id,
        "job": job.name,
        "at": started.timestamp(),
        "file": _file(opened, request),
        "root": str(opened.root),
        "pid": os.getpid(),
        "birth": birth_of(os.getpid()),
        "host": machine.nodename,
        "user": account_name(opened.environ),
        "version": __version__,
        "trigger": request.trigger,
        "labels": dict(request.labels),
        "arguments": [*request.arguments, *variable_options(_variables(opened))],
        "queues": _queues(opened),
    }


def _queues(opened: OpenJob) -> list[str]:
    """The executors of which attempts may wait for a worker first."""
    checked = opened.checked
    return sorted({name for name in checked.executor_of.values() if checked.executors[name].counts_timeout})


def _variables(opened: OpenJob) -> dict[str, str]:
    """Those that were given, so that a restart can have them again; a value in which there is a secret is left out."""
    secrets = opened.checked.secrets
    hides = secrets.mask.text if secrets else str
    return {name: text if hides(text := str(value)) == text else LEFT_OUT for name, value in opened.given.items()}


def _plan(plan: RestartPlan) -> dict[str, str]:
    """The tasks to run and why, of a restart or of a run that leaves some out."""
    if not (plan.is_restart or plan.past.skipped):
        return {}
    return {row.task: row.why for row in plan.rows if row.is_to_run}


def _file(opened: OpenJob, request: RunRequest) -> str:
    """The job file, from the project root if it is below it; the name of a job that is no file."""
    files = [file for file in opened.loaded.files if not file.endswith(".py")]
    named = files[0] if files else request.job_name
    module, _, job = named.rpartition(":")
    file, inside = (module, f":{job}") if module.endswith(".py") else (named, "")
    return path_from_root(file, opened.root) + inside if os.path.exists(file) else named


def ending_of(report: Report) -> dict[str, Any]:
    """How a run ended, as its last line says it."""
    cause = report.root_cause
    said = cause.outcome.message if cause is not None and cause.outcome is not None else ""
    return {
        "at": report.ended.timestamp(),
        "seconds": report.seconds,
        "state": _state(report),
        "exit_status": report.exit_status,
        "ending": report.ending.value,
        "root_cause": cause.name if cause is not None else "",
        "message": report.error or said,
        "allowed": [task.name for task in report.tasks.values() if task.is_allowed],
        "notices": list(report.notices[:_MOST_NOTICES]),
    }


async def concluded(recorder: HistoryRecorder, root: Path, running: Awaitable[Report]) -> Report:
    """Wait for the report of a run, and tell the recorder how the run ended, also if it could not go on."""
    started = time.time()
    try:
        report = await running
    except BaseException as error:
        recorder.conclude(broken_off(error, started))
        raise
    recorder.conclude(ending_of(report))
    places = Places(root)
    if any(task.seconds >= _LONG_SECONDS for task in report.tasks.values()):
        from .recorded_durations import keep_durations

        keep_durations(report, places)
    elif all(task.state is ExecutionState.COMPLETED and not task.kept for task in report.tasks.values()):
        with suppress(OSError):  # what took long before does so no more
            places.samples(report.job_name).unlink()
    take_some(places)
    return report


def broken_off(error: BaseException, started: float) -> dict[str, Any]:
    """How a run ended that could not go on."""
    now = time.time()
    return {
        "at": now,
        "seconds": now - started,
        "state": "failed",
        "exit_status": getattr(error, "exit_status", 70),
        "ending": "",
        "root_cause": "",
        "message": str(error) if isinstance(error, FlowrunError) else f"{type(error).__name__}: {error}",
        "allowed": [],
        "notices": [],
    }


def _state(report: Report) -> str:
    if report.is_completed:
        return "completed"
    return "stopped" if report.ending in (Ending.STOPPED, Ending.DEADLINE, Ending.WAITING) else "failed"


def take_some(places: Places) -> None:
    """Take what earlier runs have left into the database, if there is much of it. Nothing that happens here matters."""
    if len(places.waiting()) <= _MOST_WAITING:
        return
    with suppress(Exception):  # readers take it, too, and say what is wrong
        from .history.database import Database
        from .history.intake import Intake

        database = Database(places.database, busy_seconds=0.0)
        Intake(places, database).take(until=time.monotonic() + _TAKING_SECONDS)
        database.close()
