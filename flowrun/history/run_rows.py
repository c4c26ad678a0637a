"""RunRows: makes rows of runs from the tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from sqlite3 import Connection
from typing import Any

from ..errors import UsageError
from .outlook import Outlook
from .rows import RUN_STATES, RunPage, RunRow
from .settling import count_states
from .usual_runs import usual_seconds

_COLUMNS = (
    "number, id, job, state, started, ended, seconds, exit_status, ending, file, root, pid, host, user, version, "
    "trigger, labels, definition, starts, counts, root_cause, message, notices"
)
_NEWEST_FIRST = "ORDER BY started DESC, number DESC"


class RunRows:
    """Makes rows of runs, as they stand at the moment `now`."""

    def __init__(self, connection: Connection, now: float, outlook: Outlook) -> None:
        self._connection = connection
        self._now = now
        self._outlook = outlook
        self._usual: dict[str, float | None] = {}

    def run(self, number: int) -> RunRow:
        """One run."""
        return next(self.where("number = ?", (number,)))

    def where(self, condition: str, values: Sequence[Any], limit: int = -1) -> Iterator[RunRow]:
        """Runs for which a condition of SQL holds, the newest first."""
        found = self._connection.execute(
            f"SELECT {_COLUMNS} FROM runs WHERE {condition} {_NEWEST_FIRST} LIMIT ?", (*values, limit)
        )
        return map(self._row, found.fetchall())

    def page(
        self,
        *,
        job: str | None,
        state: str | None,
        since: float | None,
        label: str | Mapping[str, str] | None,
        limit: int,
        cursor: str | None,
    ) -> RunPage:
        """Some runs, and the cursor for those that come after."""
        conditions = list(_conditions(job, state, since, label))
        if cursor is not None:
            started, number = _place(cursor)
            conditions.append(("(started, number) < (?, ?)", (started, number)))
        text = " AND ".join(condition for condition, _ in conditions) or "1"
        values = [value for _, some in conditions for value in some]
        found = self._connection.execute(
            f"SELECT {_COLUMNS} FROM runs WHERE {text} {_NEWEST_FIRST} LIMIT ?", (*values, limit + 1)
        ).fetchall()
        more = found[limit - 1] if len(found) > limit > 0 else None
        return RunPage([self._row(row) for row in found[:limit]], None if more is None else f"{more[4]!r}~{more[0]}")

    def _row(self, row: Sequence[Any]) -> RunRow:
        (
            number, id_, job, state, started, ended, seconds, exit_status, ending, file, root, pid, host, user, version,
            trigger, labels, definition, starts, counts, root_cause, message, notices,
        ) = row  # fmt: skip
        is_running = state == "running"
        if is_running:
            query = "SELECT max(started) FROM starts WHERE run = ?"
            seconds += max(0.0, self._now - self._connection.execute(query, (number,)).fetchone()[0])
        return RunRow(
            id=id_,
            job=job,
            state=state,
            started=started,
            ended=ended,
            seconds=seconds,
            exit_status=exit_status,
            ending=ending,
            file=file,
            root=root,
            pid=pid,
            host=host,
            user=user,
            version=version,
            trigger=trigger,
            labels=json.loads(labels),
            definition=definition,
            starts=starts,
            counts=count_states(self._connection, number) if is_running else json.loads(counts),
            root_cause=root_cause,
            message=message,
            notices=json.loads(notices),
            usual_seconds=self._usual_seconds(job),
            remaining_seconds=(
                self._outlook.remaining_seconds(self._connection, number, job, self._now) if is_running else None
            ),
        )

    def _usual_seconds(self, job: str) -> float | None:
        if job not in self._usual:
            self._usual[job] = usual_seconds(self._connection, job)
        return self._usual[job]


def _conditions(
    job: str | None, state: str | None, since: float | None, label: str | Mapping[str, str] | None
) -> Iterator[tuple[str, Sequence[Any]]]:
    if job is not None:
        yield "job = ?", (job,)
    if state is not None:
        if state not in RUN_STATES:
            raise UsageError(f"no run is ever {state!r}; the states are: {', '.join(RUN_STATES)}")
        yield "state = ?", (state,)
    if since is not None:
        yield "started >= ?", (since,)
    for key, value in _labels(label):
        of_value, values = ("", [key]) if value is None else (" AND value = ?", [key, value])
        yield f"number IN (SELECT run FROM labels WHERE key = ?{of_value})", values


def _labels(label: str | Mapping[str, str] | None) -> Iterator[tuple[str, str | None]]:
    if isinstance(label, str):
        key, equals, value = label.partition("=")
        yield key, value if equals else None
    elif label is not None:
        yield from label.items()


def _place(cursor: str) -> tuple[float, int]:
    started, _, number = cursor.partition("~")
    try:
        return float(started), int(number)
    except ValueError:
        raise UsageError(f"{cursor!r} is no cursor of a list of runs") from None
