"""The JSON form of a report."""

from __future__ import annotations

from typing import Any

from ..attempt import Outcome
from .account import Account
from .sentences import sentences
from .task_report import AttemptReport, TaskReport

_TOLD = ("reason", "message", "exit_status", "signal", "place", "hook_errors", "is_cached")


def body_of(report: Account) -> dict[str, Any]:
    """How the job ended, as values of JSON; without what tasks returned."""
    return {
        "job_name": report.job_name,
        "run_id": report.run_id,
        "started": report.started.isoformat(),
        "ended": report.ended.isoformat(),
        "seconds": round(report.seconds, 3),
        "planning_seconds": round(report.planning_seconds, 3),
        "total_seconds": round(report.total_seconds, 3),
        "ending": report.ending.value,
        "signal": report.signal,
        "is_completed": report.is_completed,
        "exit_status": report.exit_status,
        "totals": report.totals,
        "max_parallelism": report.max_parallelism,
        "up_to_date": report.up_to_date,
        "average_seconds": round(report.average_seconds, 3),
        "critical_path": [task.name for task in report.critical_path],
        "root_cause": report.root_cause.name if report.root_cause is not None else None,
        "error_summary": list(sentences(report)),
        "notices": list(report.notices),
        "error": report.error or None,
        "postponed": dict(report.postponed),
        "tasks": [_task(task, report) for task in report.tasks.values()],
    }


def _task(task: TaskReport, report: Account) -> dict[str, Any]:
    return {
        "name": task.name,
        "task": task.variant,
        "kind": task.kind,
        "state": task.state.name,
        "attempts": task.attempts,
        "max_attempts": task.max_attempts,
        "started_at": round(task.started_at, 3),
        "ended_at": round(task.ended_at, 3),
        "seconds": round(task.seconds, 3),
        "waiting_seconds": round(report.waiting_seconds(task.name), 3),
        "kept": task.kept,
        "is_allowed": task.is_allowed,
        "held_back_by": task.held_back_by or None,
        "left_out_because": task.left_out_because or None,
        "items": {state.name: number for state, number in task.items.items() if number},
        "items_kept": task.items_kept,
        "log": str(task.log) if task.log else None,
        "outcome": _outcome(task.outcome),
        "attempt_reports": [_attempt(attempt) for attempt in task.attempt_reports],
    }


def _attempt(attempt: AttemptReport) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "state": attempt.state.name,
        "started_at": round(attempt.started_at, 3),
        "begun_at": None if attempt.begun_at is None else round(attempt.begun_at, 3),
        "ended_at": round(attempt.ended_at, 3),
        "seconds": round(attempt.seconds, 3),
        "message": attempt.message,
        "will_retry": attempt.will_retry,
        "worker": attempt.worker or None,
    }


def _outcome(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    return {key: value for key, value in outcome.body().items() if key in _TOLD}
