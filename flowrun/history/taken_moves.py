"""TakenMoves: what the lines about tasks do to the database, gathered and written together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from sqlite3 import Connection
from typing import Any

from .added_tasks import AddedTasks
from .move import Move
from .progress import keep
from .taken_values import value_rows

_OVER = frozenset("CFDAS")
_IN_DETAIL = ("error_types", "place", "traceback", "exit_status", "signal", "hook_errors", "is_final")

_TASKS = """INSERT INTO tasks
    (run, name, position, kind, variant, executor, max_attempts, parent, state, why, attempts, started, ended,
     is_kept, is_cached, cpu_seconds,
     peak_bytes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (run, name) DO UPDATE SET state = excluded.state,
    why = CASE WHEN excluded.state = 'SKIP' AND state = 'SKIP' THEN why ELSE excluded.why END,
    attempts = max(attempts, excluded.attempts),
    started = CASE WHEN excluded.started IS NOT NULL AND (started IS NULL OR ended IS NOT NULL)
        THEN excluded.started ELSE started END,
    ended = CASE WHEN excluded.is_kept THEN coalesce(ended, excluded.ended) ELSE excluded.ended END,
    is_kept = excluded.is_kept, is_cached = excluded.is_cached,
    cpu_seconds = cpu_seconds + excluded.cpu_seconds, peak_bytes = max(peak_bytes, excluded.peak_bytes)"""
_FANS = "UPDATE tasks SET items = ?, items_kept = ? WHERE run = ? AND name = ?"
_BEGUN = "INSERT OR REPLACE INTO attempts (run, task, number, state, started) VALUES (?, ?, ?, 'RUNNING', ?)"
# Attempts that an earlier start of the run has begun, and that may go on: they began when they did.
_SOUGHT = """INSERT INTO attempts (run, task, number, state, started) VALUES (?, ?, ?, 'RUNNING', ?)
    ON CONFLICT (run, task, number) DO UPDATE SET state = 'RUNNING', ended = NULL, reason = '', message = ''"""
_TASKS_OF_SOUGHT = """UPDATE tasks SET started = coalesce((SELECT started FROM attempts
    WHERE run = ?1 AND task = ?2 AND number = ?3), ?4) WHERE run = ?1 AND name = ?2"""
_BEGUN_AGAIN = "UPDATE attempts SET started = ?, begun = NULL, worker = '' WHERE run = ? AND task = ? AND number = ?"
_TASKS_BEGUN_AGAIN = "UPDATE tasks SET started = ? WHERE run = ? AND name = ? AND attempts = ?"
_WITH_WORKERS = """UPDATE attempts SET begun = coalesce(begun, ?1),
    worker = CASE ?2 WHEN '' THEN worker ELSE ?2 END WHERE run = ?3 AND task = ?4 AND number = ?5"""
_ENDED = """UPDATE attempts SET state = ?, ended = ?, reason = ?, message = ?, will_retry = ?, pause_seconds = ?,
    cpu_seconds = ?, peak_bytes = ?, more = ? WHERE run = ? AND task = ? AND number = ?"""
_EVENTS = "INSERT INTO events (run, at, kind, task, move, attempt, detail) VALUES (?, ?, ?, ?, ?, ?, ?)"
_VALUES = "INSERT OR REPLACE INTO run_values VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_POSITIONS = "INSERT OR IGNORE INTO log_positions VALUES (?, ?, ?, ?, ?)"

_IN_ORDER = (
    _TASKS, _FANS, _BEGUN, _SOUGHT, _TASKS_OF_SOUGHT, _BEGUN_AGAIN, _TASKS_BEGUN_AGAIN, _WITH_WORKERS, _ENDED,
    _EVENTS, _VALUES, _POSITIONS,
)  # fmt: skip
"""A task is there before its attempts, and an attempt begins before a worker has it, and before it ends."""


class _Standing:
    """Where a task stands after the lines that were heard."""

    __slots__ = ("attempts", "cpu_seconds", "ended", "is_cached", "is_kept", "peak_bytes", "started", "state", "why")

    def __init__(self) -> None:
        self.state = "PENDING"
        self.why = ""
        self.attempts = 0
        self.started: float | None = None
        self.ended: float | None = None
        self.is_kept = self.is_cached = False
        self.cpu_seconds = 0.0
        self.peak_bytes = 0


class TakenMoves:
    """Hears the lines of one run; `write` puts everything into the tables."""

    def __init__(self, connection: Connection, run: int) -> None:
        self._connection = connection
        self._run = run
        self.last_at: float | None = None
        self._tasks: dict[str, _Standing] = {}
        self._added = AddedTasks(connection, run)
        self._rows: dict[str, list[tuple[Any, ...]]] = {statement: [] for statement in _IN_ORDER}
        """What each statement is carried out with."""
        self._progress: dict[tuple[str, int], tuple[Any, ...]] = {}

    def hear(self, kind: str, rest: Sequence[Any]) -> None:
        """Take one line. A kind that a later version writes is passed over."""
        if kind == "moves":
            at, moves = rest
            for move in moves:
                self._move(Move(at, *move))
            self.last_at = at
        elif kind in ("waiting", "items", "search", "begun", "notice", "stopping", "approval"):
            self._tell(kind, *rest)
        elif kind == "alive":
            self.last_at = float(rest[0])
        elif kind == "progress":
            self.last_at, told = rest
            self._progress |= {(task, attempt): (task, attempt, *said) for task, attempt, *said in told}
        elif kind == "logs":
            self._rows[_POSITIONS] += [(self._run, *position) for position in rest[0]]

    def write(self) -> None:
        """Put what was heard into the tables."""
        self._rows[_TASKS] += self._task_rows()
        for statement, rows in self._rows.items():
            self._connection.executemany(statement, rows)
            rows.clear()
        keep(self._connection, self._run, self._progress.values())
        self._progress.clear()
        self._tasks.clear()

    def _move(self, move: Move) -> None:
        task = self._tasks.get(move.task)
        if task is None:
            task = self._tasks[move.task] = _Standing()
        before, to = move.states[0], move.to
        task.state = move.state
        task.attempts = move.attempt
        task.why = ""
        task.is_kept = before == "_" and to == "C"
        task.ended = move.at if to in _OVER else None
        if to == "R":
            task.started = task.started or move.at
            task.is_cached = False
            self._begin_attempt(move)
        elif move.outcome is not None:
            self._outcome(task, move, move.outcome)
        if before == "R" and move.attempt:
            self._end_attempt(move, move.outcome or {})
        self._rows[_EVENTS].append((self._run, move.at, "moved", move.task, move.states, move.attempt, move.detail))

    def _begin_attempt(self, move: Move) -> None:
        if move.attempt:
            row = self._run, move.task, move.attempt, move.at
            if not move.may_be_under_way:
                self._rows[_BEGUN].append(row)
            else:
                self._rows[_SOUGHT].append(row)
                self._rows[_TASKS_OF_SOUGHT].append(row)

    def _outcome(self, task: _Standing, move: Move, outcome: dict[str, Any]) -> None:
        task.why = outcome.get("message", "")
        task.is_cached = outcome.get("is_cached", False)
        task.cpu_seconds += outcome.get("cpu_seconds", 0.0)
        task.peak_bytes = max(task.peak_bytes, outcome.get("peak_bytes", 0))
        self._rows[_VALUES] += value_rows(self._run, move)
        for added, variant in outcome.get("added", ()):
            self._added.add(added, variant)

    def _end_attempt(self, move: Move, outcome: dict[str, Any]) -> None:
        more = {key: outcome[key] for key in _IN_DETAIL if key in outcome}
        will_retry = move.to == "P"
        self._rows[_ENDED].append(
            (
                "FAILED" if will_retry else move.state,
                move.at,
                outcome.get("reason", "returned" if move.to == "C" else ""),
                outcome.get("message", ""),
                will_retry,
                move.pause_seconds,
                outcome.get("cpu_seconds", 0.0),
                outcome.get("peak_bytes", 0),
                json.dumps(more) if more else "{}",
                self._run,
                move.task,
                move.attempt,
            )
        )

    def _tell(self, kind: str, at: float, name: str, detail: dict[str, Any]) -> None:
        self._rows[_EVENTS].append((self._run, at, kind, name, "", 0, json.dumps(detail)))
        self.last_at = at
        if kind == "items":
            self._rows[_FANS].append((detail["items"], detail["kept"], self._run, name))
        elif kind == "search" and detail["found"] == "begun again":
            for statement in (_BEGUN_AGAIN, _TASKS_BEGUN_AGAIN):
                self._rows[statement].append((at, self._run, name, detail["attempt"]))
        elif kind == "begun":
            self._rows[_WITH_WORKERS].append((at, detail["worker"], self._run, name, detail["attempt"]))

    def _task_rows(self) -> list[tuple[Any, ...]]:
        return [
            (
                self._run,
                name,
                *self._added.place(name),
                task.state,
                task.why,
                task.attempts,
                task.started,
                task.ended,
                task.is_kept,
                task.is_cached,
                task.cpu_seconds,
                task.peak_bytes,
            )
            for name, task in self._tasks.items()
        ]
