"""The report of a run as one line of JSON, the last that `--output json` writes."""

from __future__ import annotations

import json
from typing import Any

from ..attempt import Outcome
from ..engine.report import Report


def report_json(report: Report) -> str:
    """`{"group": "Report", …}`: the form of an event, with how each task ended."""
    tasks = [
        {
            "name": task.name,
            "task": task.variant,
            "state": task.state.name,
            "attempts": task.attempts,
            "seconds": round(task.seconds, 3),
            "kept": task.kept,
            "held_back_by": task.held_back_by or None,
            "outcome": _outcome(task.outcome),
        }
        for task in report.tasks.values()
    ]
    body = {
        "job_name": report.job_name,
        "run_id": report.run_id,
        "started": report.started.isoformat(),
        "seconds": round(report.seconds, 3),
        "ending": report.ending.value,
        "exit_status": report.exit_status,
        "notices": list(report.notices),
        "error": report.error or None,
        "tasks": tasks,
    }
    return json.dumps({"group": "Report", "event": "Report", "body": body})


def _outcome(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    return {
        key: value for key, value in outcome.body().items() if key in ("reason", "message", "exit_status", "signal")
    }
