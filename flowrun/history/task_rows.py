"""The tasks, attempts, events and logs of one run, from the tables."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from ..eventbus.execution import ExecutionState
from ..eventbus.progress import Progress
from ..usual import Usual
from .approvals import ApprovalRow, approvals_of
from .elsewhere import queues_of, with_workers
from .items_waiting import with_items_waiting
from .log_rows import LogFile
from .outlook import Outlook
from .progress import progress_of
from .rows import AttemptRow, EventRow, TaskRow
from .waiting import Waiting, starts_of, with_limits

_NAMES = {state.value: state.name for state in ExecutionState}
_EVENTS = """SELECT seq, runs.id, at, kind, task, move, attempt, detail
    FROM events JOIN runs ON runs.number = events.run"""


def tasks_of(
    connection: Connection, run: int, now: float, outlook: Outlook, names: Collection[str] | None = None
) -> list[TaskRow]:
    """The tasks of a run, or some of them, in the order of the job, items after what they are items of."""
    found = _rows_of(connection, run, names)
    needs = _needs(connection, run)
    ended = {row[0]: row[10] for row in found}
    if names is not None:
        needed = {it for row in found for it in needs.get(row[3] if row[1] == "item" else row[0], ())} - ended.keys()
        ended |= {row[0]: row[10] for row in _rows_of(connection, run, needed)}
    starts, usual = starts_of(connection, run), outlook.usual_of_run(connection, run)
    waiting, approvals = Waiting(needs, ended, starts), approvals_of(connection, run, starts[-1])
    rows = _advanced([_task(row, waiting, now, usual) for row in found], progress_of(connection, run, names))
    rows = with_items_waiting(connection, run, with_workers(connection, run, rows, now, names))
    if approvals:
        rows = [_asked(row, approvals[row.name]) if row.name in approvals else row for row in rows]
    is_over = connection.execute("SELECT state <> 'running' FROM runs WHERE number = ?", (run,)).fetchone()[0]
    return rows if is_over else with_limits(connection, run, rows, outlook.course(connection, run))


def _advanced(rows: list[TaskRow], told: Mapping[tuple[str, int], Progress]) -> list[TaskRow]:
    """The rows with what their last attempts have said."""
    if not told:
        return rows
    return [replace(row, progress=told.get((row.name, row.attempts))) for row in rows]


def _asked(row: TaskRow, approval: ApprovalRow) -> TaskRow:
    why = row.why or (approval.waits if row.state == "PENDING" else "")
    return replace(row, approval=approval, why=why)


def _rows_of(connection: Connection, run: int, names: Collection[str] | None) -> list[Sequence[Any]]:
    columns = (
        "SELECT name, kind, variant, parent, executor, state, why, attempts, max_attempts, started, ended, is_kept, "
        "is_cached, is_allowed, items, items_kept, cpu_seconds, peak_bytes FROM tasks WHERE run = ?"
    )
    if names is None:
        return connection.execute(f"{columns} ORDER BY position, number", (run,)).fetchall()
    found: list[tuple[Any, ...]] = []
    for some in _chunks(names):
        marks = ", ".join("?" * len(some))
        query = columns.replace("SELECT", "SELECT position, number,")
        found += connection.execute(f"{query} AND name IN ({marks})", (run, *some)).fetchall()
    return [row[2:] for row in sorted(found)]


def _chunks(names: Collection[str]) -> Iterator[Sequence[str]]:
    """SQLite takes some thousands of values at once, and no more."""
    rest = iter(names)
    while some := list(islice(rest, 500)):
        yield some


def _task(row: Sequence[Any], waiting: Waiting, now: float, usual: Usual) -> TaskRow:
    (
        name, kind, variant, parent, executor, state, why, attempts, max_attempts, started, ended, is_kept,
        is_cached, is_allowed, items, items_kept, cpu_seconds, peak_bytes,
    ) = row  # fmt: skip
    until = ended if ended is not None else now
    return TaskRow(
        name=name,
        kind=kind,
        variant=variant,
        parent=parent,
        executor=executor,
        state=state,
        why=why,
        attempts=attempts,
        max_attempts=max_attempts,
        started=started,
        ended=ended,
        seconds=max(0.0, until - started) if started is not None else 0.0,
        waiting_seconds=waiting.seconds(name, parent if kind == "item" else "", started) if attempts else 0.0,
        is_kept=bool(is_kept),
        is_cached=bool(is_cached),
        is_allowed=bool(is_allowed),
        items=items,
        items_kept=items_kept,
        cpu_seconds=cpu_seconds,
        peak_bytes=peak_bytes,
        usual_seconds=usual.of(name),
        begun=started,
    )


def _needs(connection: Connection, run: int) -> dict[str, Sequence[str]]:
    """What each task waits for: its dependencies and those of the groups that it is in."""
    found = connection.execute(
        "SELECT tasks FROM definitions JOIN runs ON definition = digest WHERE number = ?", (run,)
    ).fetchone()
    needs: dict[str, Sequence[str]] = {}
    for name, _kind, _variant, parent, _executor, _max, dependencies, *_ in json.loads(found[0]) if found else ():
        needs[name] = [*dependencies, *needs[parent]] if parent in needs else dependencies
    return needs


def attempts_of(connection: Connection, run: int, now: float, names: Collection[str] | None = None) -> list[AttemptRow]:
    """The attempts of all tasks, or of some."""
    query = (
        "SELECT attempts.task, attempts.number, attempts.state, attempts.started, attempts.ended, "
        "coalesce(executor, ''), reason, message, will_retry, pause_seconds, attempts.cpu_seconds, "
        "attempts.peak_bytes, more, begun, worker FROM attempts "
        "LEFT JOIN tasks ON tasks.run = attempts.run AND tasks.name = attempts.task WHERE attempts.run = ?"
    )
    if names is None:
        found = connection.execute(query, (run,)).fetchall()
    else:
        found = [
            row
            for some in _chunks(names)
            for row in connection.execute(f"{query} AND attempts.task IN ({', '.join('?' * len(some))})", (run, *some))
        ]
    told, queues = progress_of(connection, run, names), queues_of(connection, run)
    return [
        _attempt(row, now, told.get((row[0], row[1])), queues)
        for row in sorted(found, key=lambda row: (row[3], row[0], row[1]))
    ]


def _attempt(row: Sequence[Any], now: float, progress: Progress | None, queues: Collection[str]) -> AttemptRow:
    (
        task, number, state, started, ended, executor, reason, message, will_retry, pause_seconds, cpu_seconds,
        peak_bytes, text, begun, worker,
    ) = row  # fmt: skip
    if begun is None and (executor not in queues or state == "COMPLETED"):
        begun = started
    more = {} if text == "{}" else json.loads(text)
    file, line = more.get("place") or ("", 0)
    return AttemptRow(
        task=task,
        number=number,
        state=state,
        started=started,
        ended=ended,
        seconds=0.0 if begun is None else max(0.0, (now if ended is None else ended) - begun),
        executor=executor,
        reason=reason,
        message=message,
        error_types=more.get("error_types", ()),
        file=file,
        line=line,
        traceback=more.get("traceback", ""),
        exit_status=more.get("exit_status"),
        signal=more.get("signal"),
        hook_errors=more.get("hook_errors", ()),
        will_retry=bool(will_retry),
        pause_seconds=pause_seconds,
        cpu_seconds=cpu_seconds,
        peak_bytes=peak_bytes,
        progress=progress,
        is_final=more.get("is_final", False),
        begun=begun,
        worker=worker,
    )


def events_of(connection: Connection, run: int | None, after: int, limit: int) -> list[EventRow]:
    """What happened after the event with the number `after`."""
    of_run, values = ("", [after]) if run is None else (" AND run = ?", [after, run])
    found = connection.execute(f"{_EVENTS} WHERE seq > ?{of_run} ORDER BY seq LIMIT ?", (*values, limit))
    return [_event(row) for row in found]


def last_events_of(connection: Connection, run: int, limit: int) -> tuple[list[EventRow], int]:
    """What happened last, in order, and how many events there were before."""
    (number,) = connection.execute("SELECT count(*) FROM events WHERE run = ?", (run,)).fetchone()
    found = connection.execute(f"{_EVENTS} WHERE run = ? ORDER BY seq DESC LIMIT ?", (run, limit)).fetchall()
    return [_event(row) for row in reversed(found)], number - len(found)


def _event(row: Sequence[Any]) -> EventRow:
    seq, run, at, kind, task, move, attempt, text = row
    detail = json.loads(text) if text else {}
    if move:
        moved = {"from": _NAMES[move[0]], "to": _NAMES[move[1]], "attempt": attempt}
        detail = {**moved, "message": "", "pause_seconds": 0.0, **detail}
    return EventRow(seq, run, at, kind, task, detail)


def log_files_of(connection: Connection, run: int, task: str | None, attempt: int | None, root: Path) -> list[LogFile]:
    """Where the output of attempts begins and ends. `root` is where the project is now: it may have been moved."""
    (old,) = connection.execute("SELECT root FROM runs WHERE number = ?", (run,)).fetchone()
    of_task, values = ("", [run]) if task is None else (" AND log_positions.task = ?", [run, task])
    found = connection.execute(
        "SELECT log_positions.task, attempt, path, begin, coalesce(started, 0) FROM log_positions LEFT JOIN attempts "
        "ON attempts.run = log_positions.run AND attempts.task = log_positions.task AND number = attempt "
        f"WHERE log_positions.run = ?{of_task} ORDER BY log_positions.task, path, begin",
        values,
    ).fetchall()
    files = []
    for row, following in zip(found, [*found[1:], None], strict=False):  # without any there is nothing to follow
        end = following[3] if following and (following[0], following[2]) == (row[0], row[2]) else None
        if attempt in (None, row[1]):
            path = moved(row[2], old, root)
            files.append(LogFile(task=row[0], attempt=row[1], path=path, begin=row[3], end=end, started=row[4]))
    return files


def moved(path: str, old: str, root: Path) -> str:
    """The same file in a project that was at `old`."""
    return f"{root}{path.removeprefix(old)}" if old and path.startswith(f"{old}/") else path
