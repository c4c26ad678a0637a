"""RunnerLog: flowrun's own log of a run, by structlog, for those who want to follow it by machine."""

from __future__ import annotations

import logging
from typing import Any

import structlog

from ..eventbus.execution import UNSUCCESSFUL, ExecutionState, ExecutionStateTransition

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

    def line(self, e: ExecutionStateTransition) -> str:
        """The entry of a transition; empty if it is below the level."""
        level = _level(e)
        if _LEVELS[level] < self._least:
            return ""
        entry: dict[str, Any] = {
            "timestamp": e.timestamp.isoformat(timespec="milliseconds"),
            "level": level,
            "event": "transition",
            "job": e.job_name,
            "task": e.name,
            "from": e.from_state.name,
            "to": e.to_state.name,
            "attempt": e.attempt,
        }
        if e.outcome is not None:
            entry["reason"] = e.outcome.reason.value
            entry["message"] = e.outcome.message
        return str(self._render(None, level, entry))


def _level(e: ExecutionStateTransition) -> str:
    is_retry = e.from_state is ExecutionState.RUNNING and e.to_state is ExecutionState.PENDING
    if is_retry or e.to_state in UNSUCCESSFUL:
        return "warning"
    return "debug" if e.to_state is ExecutionState.PENDING else "info"
