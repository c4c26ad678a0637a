"""RunnerLog: flowrun's own log of a run, by structlog, for those who want to follow it by machine."""

from __future__ import annotations

import logging
from typing import Any

import structlog

from ..eventbus.execution import (
    UNSUCCESSFUL,
    AttemptBegun,
    AttemptLookedFor,
    ExecutionState,
    ExecutionStateTransition,
    ExecutorNotice,
    JobStopping,
    SerializableExecutionEvent,
    TaskWaiting,
)
from ..eventbus.progress import ProgressEvent

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class RunnerLog:
    """Writes each transition as one structured entry: retries and failures as warnings, waiting as debug."""

    def __init__(self, level: str, form: str) -> None:
        """`level` is that of FLOWRUN_LOG (an unknown one means info), `form` is `human` or `json`."""
        self._least = _LEVELS.get(level.lower(), logging.INFO)
        self._render = (
            structlog.processors.JSONRenderer()
            if form == "json"
            else structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], repr_native_str=False)
        )

    def line(self, e: SerializableExecutionEvent) -> str:
        """The entry of an event; empty if it is below the level."""
        level = _level(e)
        if _LEVELS[level] < self._least:
            return ""
        entry = {"timestamp": e.timestamp.isoformat(timespec="milliseconds"), "level": level, **_facts(e)}
        return str(self._render(None, level, entry))


def _facts(e: SerializableExecutionEvent) -> dict[str, Any]:
    if isinstance(e, JobStopping):
        return {"event": "stopping", "job": e.job_name, "why": e.why, "running": e.running, "grace": e.grace_seconds}
    if isinstance(e, ExecutorNotice):
        return {"event": "notice", "job": e.job_name, "executor": e.executor, "message": e.message}
    if isinstance(e, TaskWaiting):
        return {"event": "waiting", "job": e.job_name, "task": e.name, "what": e.what}
    if isinstance(e, AttemptLookedFor):
        return {"event": "looked-for", "job": e.job_name, "task": e.name, "attempt": e.attempt, "found": e.found}
    if isinstance(e, AttemptBegun):
        return {"event": "begun", "job": e.job_name, "task": e.name, "attempt": e.attempt, "worker": e.worker}
    if isinstance(e, ProgressEvent):
        return {"event": "progress", "job": e.job_name, "task": e.name, "attempt": e.attempt, **e.progress.body()}
    facts: dict[str, Any] = {"event": "transition", "job": e.job_name}
    if isinstance(e, ExecutionStateTransition):
        facts |= {
            "task": e.name,
            "from": e.from_state.name,
            "to": e.to_state.name,
            "attempt": e.attempt,
        }
        if e.outcome is not None:
            facts |= {"reason": e.outcome.reason.value, "message": e.outcome.message}
    return facts


def _level(e: SerializableExecutionEvent) -> str:
    if isinstance(e, TaskWaiting | AttemptLookedFor | AttemptBegun):
        return "info"
    if isinstance(e, ProgressEvent):
        return "debug"
    if not isinstance(e, ExecutionStateTransition):
        return "warning"
    is_retry = e.from_state is ExecutionState.RUNNING and e.to_state is ExecutionState.PENDING
    if is_retry or e.to_state in UNSUCCESSFUL:
        return "warning"
    return "debug" if e.to_state is ExecutionState.PENDING else "info"
