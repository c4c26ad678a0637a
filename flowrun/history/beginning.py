"""What the first lines of a spool do to the database: a run begins, or is continued, with a job definition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from sqlite3 import Connection
from typing import Any

from .places import Places

_NEEDED = (
    *("run", "job", "at", "file", "root", "pid", "birth", "host", "user", "version", "trigger"),
    *("labels", "arguments", "plan"),
)


def begin(connection: Connection, head: Mapping[str, Any]) -> tuple[int, int]:
    """Enter the start of a run. Gives the number of the run, and which start of it this is.

    Raises LookupError, before anything is entered, if the line does not say all that it should.
    """
    _of(head, *_NEEDED)
    found = connection.execute("SELECT number, starts FROM runs WHERE id = ?", (head["run"],)).fetchone()
    run, start = (found[0], found[1] + 1) if found else (_new_run(connection, head), 1)
    if found:
        _continue(connection, run, start, head)
    connection.execute(
        "INSERT INTO starts VALUES (?, ?, ?, NULL, NULL, '', ?, ?, ?, ?, ?, ?, ?)",
        (
            run,
            start,
            head["at"],
            *_of(head, "pid", "birth", "host", "user", "version", "trigger"),
            json.dumps(head["arguments"]),
        ),
    )
    queues = {"queues": head["queues"]} if head.get("queues") else {}
    detail = json.dumps({"start": start, "arguments": head["arguments"], "plan": head["plan"], **queues})
    connection.execute(
        "INSERT INTO events (run, at, kind, detail) VALUES (?, ?, 'started', ?)", (run, head["at"], detail)
    )
    connection.executemany(
        "INSERT OR REPLACE INTO labels VALUES (?, ?, ?)", [(key, value, run) for key, value in head["labels"].items()]
    )
    return run, start


def define(connection: Connection, places: Places, run: int, digest: str) -> None:
    """Enter which job definition a run has, and its tasks."""
    connection.execute("UPDATE runs SET definition = ? WHERE number = ?", (digest, run))
    _enter_tasks(connection, run, _definition(connection, places, digest))


def _new_run(connection: Connection, head: Mapping[str, Any]) -> int:
    values = _of(head, "run", "job", "at", "file", "root", "pid", "host", "user", "version", "trigger")
    cursor = connection.execute(
        "INSERT INTO runs (id, job, started, file, root, pid, host, user, version, trigger, labels, state) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running')",
        (*values, json.dumps(head["labels"])),
    )
    number = cursor.lastrowid
    assert number is not None, "a row was inserted"
    return number


def _continue(connection: Connection, run: int, start: int, head: Mapping[str, Any]) -> None:
    labels = dict(connection.execute("SELECT key, value FROM labels WHERE run = ?", (run,)).fetchall())
    connection.execute(
        "UPDATE runs SET state = 'running', ended = NULL, exit_status = NULL, ending = '', counts = '{}', "
        "root_cause = '', message = '', notices = '[]', starts = ?, labels = ?, pid = ?, host = ?, user = ?, "
        "version = ?, trigger = ? WHERE number = ?",
        (
            start,
            json.dumps({**labels, **head["labels"]}),
            *_of(head, "pid", "host", "user", "version", "trigger"),
            run,
        ),
    )
    connection.execute(
        "UPDATE tasks SET state = 'PENDING', why = '', is_allowed = 0, started = NULL, ended = NULL "
        "WHERE run = ? AND state NOT IN ('COMPLETED', 'SKIP')",
        (run,),
    )


def _of(head: Mapping[str, Any], *names: str) -> list[Any]:
    return [head[name] for name in names]


def _definition(connection: Connection, places: Places, digest: str) -> list[list[Any]]:
    """The tasks of a definition, which is entered if it was not."""
    found = connection.execute("SELECT tasks FROM definitions WHERE digest = ?", (digest,)).fetchone()
    if found is not None:
        tasks: list[list[Any]] = json.loads(found[0])
        return tasks
    with suppress(OSError, ValueError, LookupError, TypeError):
        whole = json.loads(places.definition(digest).read_bytes())
        parts = [json.dumps(whole[name]) for name in ("tasks", "merged", "origins", "files")]
        connection.execute("INSERT INTO definitions VALUES (?, ?, ?, ?, ?)", (digest, *parts))
        return list(whole["tasks"])
    return []


def _enter_tasks(connection: Connection, run: int, tasks: list[list[Any]]) -> None:
    connection.executemany(
        "INSERT INTO tasks (run, position, name, kind, variant, parent, executor, max_attempts, state) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'PENDING') ON CONFLICT (run, name) DO UPDATE SET "
        "position = excluded.position, kind = excluded.kind, variant = excluded.variant, executor = excluded.executor, "
        "max_attempts = excluded.max_attempts",
        [(run, position, *task[:6]) for position, task in enumerate(tasks)],
    )
