"""TakenMoves: what the lines about tasks do to the database, gathered and written together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from sqlite3 import Connection
from typing import Any

from ..errors import CheckpointInvalidError
from ..eventbus.execution import ExecutionState
from ..values.plain_form import plain_form
from .progress import keep
from .recorder import MOST_CHARACTERS

_NAMES = {state.value: state.name for state in ExecutionState}
_OVER = frozenset("CFDAS")
_IN_DETAIL = ("error_types", "place", "traceback", "exit_status", "signal", "hook_errors", "is_final")
_AFTER_ALL = 1 << 40
"""The position of a task that the definition does not know: a task has added it."""

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
        self._events: list[tuple[Any, ...]] = []
        self._begun: list[tuple[Any, ...]] = []
        self._sought: list[tuple[Any, ...]] = []
        """Attempts that an earlier start of the run has begun, and that may go on: they began when they did."""
        self._begun_again: list[tuple[Any, ...]] = []
        self._with_workers: list[tuple[Any, ...]] = []
        """Attempts that workers elsewhere have begun."""
        self._ended: list[tuple[Any, ...]] = []
        self._values: list[tuple[Any, ...]] = []
        self._positions: list[tuple[Any, ...]] = []
        self._progress: dict[tuple[str, int], tuple[Any, ...]] = {}
        self._fans: list[tuple[Any, ...]] = []
        self._added: dict[str, str] = {}
        """The variants of tasks that were added."""
        self._owners: dict[str, tuple[int, str, str, int] | None] = {}
        """Position, variant, executor and attempts of tasks with items."""

    def hear(self, kind: str, rest: Sequence[Any]) -> None:
        """Take one line. A kind that a later version writes is passed over."""
        if kind == "moves":
            at, moves = rest
            for move in moves:
                self._move(at, *move)
            self.last_at = at
        elif kind in ("waiting", "items", "search", "begun", "notice", "stopping", "approval"):
            self._tell(kind, *rest)
        elif kind == "alive":
            self.last_at = float(rest[0])
        elif kind == "progress":
            self.last_at, told = rest
            self._progress |= {(task, attempt): (task, attempt, *said) for task, attempt, *said in told}
        elif kind == "logs":
            self._positions += [(self._run, *position) for position in rest[0]]

    def write(self) -> None:
        """Put what was heard into the tables."""
        many = self._connection.executemany
        many(_TASKS, self._task_rows())
        many("UPDATE tasks SET items = ?, items_kept = ? WHERE run = ? AND name = ?", self._fans)
        many(
            "INSERT OR REPLACE INTO attempts (run, task, number, state, started) VALUES (?, ?, ?, 'RUNNING', ?)",
            self._begun,
        )
        many(
            "INSERT INTO attempts (run, task, number, state, started) VALUES (?, ?, ?, 'RUNNING', ?) "
            "ON CONFLICT (run, task, number) DO UPDATE SET state = 'RUNNING', ended = NULL, reason = '', message = ''",
            self._sought,
        )
        many(
            "UPDATE tasks SET started = coalesce((SELECT started FROM attempts WHERE run = ?1 AND task = ?2 AND "
            "number = ?3), ?4) WHERE run = ?1 AND name = ?2",
            self._sought,
        )
        many(
            "UPDATE attempts SET started = ?, begun = NULL, worker = '' WHERE run = ? AND task = ? AND number = ?",
            self._begun_again,
        )
        many("UPDATE tasks SET started = ? WHERE run = ? AND name = ? AND attempts = ?", self._begun_again)
        many(
            "UPDATE attempts SET begun = coalesce(begun, ?1), worker = CASE ?2 WHEN '' THEN worker ELSE ?2 END "
            "WHERE run = ?3 AND task = ?4 AND number = ?5",
            self._with_workers,
        )
        many(
            "UPDATE attempts SET state = ?, ended = ?, reason = ?, message = ?, will_retry = ?, pause_seconds = ?, "
            "cpu_seconds = ?, peak_bytes = ?, more = ? WHERE run = ? AND task = ? AND number = ?",
            self._ended,
        )
        many(
            "INSERT INTO events (run, at, kind, task, move, attempt, detail) VALUES (?, ?, ?, ?, ?, ?, ?)", self._events
        )
        many("INSERT OR REPLACE INTO run_values VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._values)
        many("INSERT OR IGNORE INTO log_positions VALUES (?, ?, ?, ?, ?)", self._positions)
        keep(self._connection, self._run, self._progress.values())
        self._progress.clear()
        for gathered in (self._tasks, self._fans, self._begun, self._ended, self._events, self._values):
            gathered.clear()
        for gathered in (self._positions, self._sought, self._begun_again, self._with_workers):
            gathered.clear()

    def _move(
        self,
        at: float,
        name: str,
        move: str,
        attempt: int,
        outcome: dict[str, Any] | None = None,
        pause_seconds: float = 0.0,
    ) -> None:
        to = move[1]
        task = self._tasks.get(name)
        if task is None:
            task = self._tasks[name] = _Standing()
        task.state = _NAMES[to]
        task.attempts = attempt
        task.why = ""
        task.is_kept = move == "_C"
        task.ended = at if to in _OVER else None
        if to == "R":
            task.started = task.started or at
            task.is_cached = False
            if attempt:
                is_sought = outcome is not None and "may_be_under_way" in outcome
                (self._sought if is_sought else self._begun).append((self._run, name, attempt, at))
        elif outcome is not None:
            self._outcome(task, at, name, to, attempt, outcome)
        if move[0] == "R" and attempt:
            self._end_attempt(at, name, to, attempt, outcome or {}, pause_seconds)
        detail = None
        if (outcome and outcome.get("message")) or pause_seconds:
            detail = json.dumps({"message": (outcome or {}).get("message", ""), "pause_seconds": pause_seconds})
        elif to == "R" and outcome:
            detail = json.dumps({"may_be_under_way": True})
        self._events.append((self._run, at, "moved", name, move, attempt, detail))

    def _outcome(self, task: _Standing, at: float, name: str, to: str, attempt: int, outcome: dict[str, Any]) -> None:
        task.why = outcome.get("message", "")
        task.is_cached = outcome.get("is_cached", False)
        task.cpu_seconds += outcome.get("cpu_seconds", 0.0)
        task.peak_bytes = max(task.peak_bytes, outcome.get("peak_bytes", 0))
        if (text := outcome.get("result")) is not None and to == "C":
            self._value("result", name, name, attempt, at, text, outcome.get("result_size"))
        for key, text in outcome.get("shared", {}).items():
            self._value("shared", _key_text(key), name, attempt, at, text, None)
        for added, variant in outcome.get("added", ()):
            self._added[added] = variant

    def _end_attempt(
        self, at: float, name: str, to: str, attempt: int, outcome: dict[str, Any], pause_seconds: float
    ) -> None:
        more = {key: outcome[key] for key in _IN_DETAIL if key in outcome}
        self._ended.append(
            (
                "FAILED" if to == "P" else _NAMES[to],
                at,
                outcome.get("reason", "returned" if to == "C" else ""),
                outcome.get("message", ""),
                to == "P",
                pause_seconds,
                outcome.get("cpu_seconds", 0.0),
                outcome.get("peak_bytes", 0),
                json.dumps(more) if more else "{}",
                self._run,
                name,
                attempt,
            )
        )

    def _value(
        self, kind: str, name: str, task: str, attempt: int, at: float, text: str | None, size: int | None
    ) -> None:
        """`size` is that of the whole text, if the run has cut it."""
        is_deleted = text is None
        plain = "null" if text is None else text if size is not None else _plain_text(text)
        whole = len(plain) if size is None else size
        shown = plain[:MOST_CHARACTERS]
        row = (self._run, kind, name, task, attempt, at, shown, whole, whole > len(shown), is_deleted)
        self._values.append(row)

    def _tell(self, kind: str, at: float, name: str, detail: dict[str, Any]) -> None:
        self._events.append((self._run, at, kind, name, "", 0, json.dumps(detail)))
        self.last_at = at
        if kind == "items":
            self._fans.append((detail["items"], detail["kept"], self._run, name))
        elif kind == "search" and detail["found"] == "begun again":
            self._begun_again.append((at, self._run, name, detail["attempt"]))
        elif kind == "begun":
            self._with_workers.append((at, detail["worker"], self._run, name, detail["attempt"]))

    def _task_rows(self) -> list[tuple[Any, ...]]:
        return [
            (
                self._run,
                name,
                *self._place(name),
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

    def _place(self, name: str) -> tuple[int, str, str, str, int, str]:
        """Position, kind, variant, executor, attempts and parent of a task that is not in the definition."""
        if name.endswith("]"):
            for owner in _beginnings(name):  # a key may hold brackets too
                if (found := self._known(owner)) is not None:
                    return found[0], "item", *found[1:], owner
        group, _, _ = name.rpartition("/")
        return _AFTER_ALL, "task", self._added.get(name, ""), "", 1, group

    def _known(self, owner: str) -> tuple[int, str, str, int] | None:
        if owner not in self._owners:
            row = self._connection.execute(
                "SELECT position, variant, executor, max_attempts FROM tasks WHERE run = ? AND name = ?",
                (self._run, owner),
            )
            self._owners[owner] = row.fetchone()
        return self._owners[owner]


def _beginnings(name: str) -> Iterator[str]:
    """What stands before each bracket of a name."""
    return (name[:at] for at, sign in enumerate(name) if sign == "[")


def _plain_text(text: str) -> str:
    """A value in the form that people read, as JSON; a text that is none, as it is."""
    try:
        plain = plain_form(text)
    except CheckpointInvalidError:
        return text
    return json.dumps(plain, ensure_ascii=False)


def _key_text(text: str) -> str:
    """The key of a shared value: a text as it is, anything else as JSON."""
    plain = _plain_text(text)
    with suppress(ValueError):
        found = json.loads(plain)
        return found if isinstance(found, str) else plain
    return plain
