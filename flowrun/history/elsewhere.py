"""Elsewhere: tasks whose attempts wait for a worker elsewhere, and how long they did until one began them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import chain
from sqlite3 import Connection
from typing import NamedTuple

from .rows import TaskRow

WAITS = "waits for a worker"


class _Try(NamedTuple):
    started: float
    begun: float | None
    ended: float | None
    state: str
    worker: str


def queues_of(connection: Connection, run: int) -> frozenset[str]:
    """The executors of a run of which attempts may wait for a worker first."""
    found = connection.execute(
        "SELECT detail FROM events WHERE run = ? AND kind = 'started' ORDER BY seq LIMIT 1", (run,)
    ).fetchone()
    return frozenset(json.loads(found[0]).get("queues", ())) if found else frozenset()


def with_workers(
    connection: Connection, run: int, rows: list[TaskRow], now: float, names: Collection[str] | None
) -> list[TaskRow]:
    """The rows with the workers that performed them; the time until one began an attempt is waiting."""
    queues = queues_of(connection, run)
    if not queues:
        return rows
    tries = _tries(connection, run, names)
    return [
        _with_worker(row, tries[row.name], now)
        if row.executor in queues and row.started is not None and row.name in tries
        else row
        for row in rows
    ]


def _tries(connection: Connection, run: int, names: Collection[str] | None) -> dict[str, list[_Try]]:
    query = "SELECT task, started, begun, ended, state, worker FROM attempts WHERE run = ?"
    order = "ORDER BY task, number"
    if names is None:
        found = connection.execute(f"{query} {order}", (run,)).fetchall()
    else:
        some = (connection.execute(f"{query} AND task = ? {order}", (run, name)) for name in names)
        found = list(chain.from_iterable(some))
    tries: dict[str, list[_Try]] = {}
    for task, *one in found:
        tries.setdefault(task, []).append(_Try(*one))
    return tries


def _with_worker(row: TaskRow, tries: Sequence[_Try], now: float) -> TaskRow:
    last = tries[-1]
    first = next((it for it in tries if it.started >= (row.started or 0.0)), last)
    queue = _queue_seconds(first, now)
    return replace(
        row,
        seconds=max(0.0, row.seconds - queue),
        waiting_seconds=row.waiting_seconds + queue,
        begun=_begun(first),
        queue_seconds=queue,
        worker=last.worker,
        why=row.why or (WAITS if last.state == "RUNNING" and last.begun is None else ""),
    )


def _begun(one: _Try) -> float | None:
    """When an attempt was begun; one that completed without a word of it did not wait."""
    return one.started if one.begun is None and one.state == "COMPLETED" else one.begun


def _queue_seconds(one: _Try, now: float) -> float:
    """How long an attempt waited for a worker."""
    until = _begun(one) or one.ended or now
    return max(0.0, until - one.started)
