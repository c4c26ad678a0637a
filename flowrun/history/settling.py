"""What the end of a run does to the database, and what is said of a run whose process is gone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from sqlite3 import Connection
from typing import Any

CUT_OFF = "cut off: the process of the run is gone"


def settle_ended(connection: Connection, run: int, start: int, end: Mapping[str, Any]) -> None:
    """Enter how a start of a run ended, in the words of its last line."""
    ended, status, ending = end["at"], end["exit_status"], end["ending"]
    connection.execute(
        "UPDATE starts SET ended = ?, exit_status = ?, ending = ? WHERE run = ? AND number = ?",
        (ended, status, ending, run, start),
    )
    connection.executemany(
        "UPDATE tasks SET is_allowed = 1 WHERE run = ? AND name = ?", [(run, name) for name in end["allowed"]]
    )
    _enter_end(connection, run, end["state"], ended, end["seconds"], end)
    detail = json.dumps({name: end[name] for name in ("state", "exit_status", "ending", "message")})
    connection.execute("INSERT INTO events (run, at, kind, detail) VALUES (?, ?, 'ended', ?)", (run, ended, detail))


def settle_gone(connection: Connection, run: int, start: int, last_at: float | None) -> None:
    """Enter that the process of a run is gone: what ran in it was cut off."""
    row = connection.execute("SELECT started FROM starts WHERE run = ? AND number = ?", (run, start)).fetchone()
    heard = "SELECT coalesce(max(at), ?) FROM (SELECT at FROM events WHERE run = ? ORDER BY seq DESC LIMIT 1)"
    ended = last_at or connection.execute(heard, (row[0], run)).fetchone()[0]
    connection.execute("UPDATE starts SET ended = ? WHERE run = ? AND number = ?", (ended, run, start))
    for table in ("tasks", "attempts"):
        words = "why" if table == "tasks" else "message"
        connection.execute(
            f"UPDATE {table} SET state = 'ABORTED', ended = ?, {words} = ? WHERE run = ? AND state = 'RUNNING'",
            (ended, CUT_OFF, run),
        )
    cause = connection.execute(
        "SELECT name, why FROM tasks WHERE run = ? AND state = 'FAILED' ORDER BY ended LIMIT 1", (run,)
    ).fetchone()
    name, said = cause or ("", "")
    facts: dict[str, Any] = {
        "exit_status": None,
        "ending": "",
        "root_cause": name,
        "message": said or CUT_OFF,
        "notices": [],
    }
    _enter_end(connection, run, "interrupted", ended, ended - row[0], facts)
    detail = json.dumps({"state": "interrupted", "exit_status": None, "ending": "", "message": CUT_OFF})
    connection.execute("INSERT INTO events (run, at, kind, detail) VALUES (?, ?, 'ended', ?)", (run, ended, detail))


def count_states(connection: Connection, run: int) -> dict[str, int]:
    """How many tasks of a run are in which state: items are counted, and what they are items of is not."""
    found = connection.execute(
        "SELECT state, kind, count(*) FROM tasks WHERE run = ? AND kind <> 'group' GROUP BY state, kind", (run,)
    ).fetchall()
    counts: Counter[str] = Counter()
    for state, kind, number in found:
        if kind != "items":
            counts[state] += number
    without = connection.execute(
        "SELECT state FROM tasks WHERE run = ? AND kind = 'items' AND items IS NULL", (run,)
    ).fetchall()
    counts.update(state for (state,) in without)
    return dict(counts)


def _enter_end(
    connection: Connection, run: int, state: str, ended: float, seconds: float, facts: Mapping[str, Any]
) -> None:
    connection.execute(
        "UPDATE runs SET state = ?, ended = ?, seconds = seconds + ?, exit_status = ?, ending = ?, counts = ?, "
        "root_cause = ?, message = ?, notices = ? WHERE number = ?",
        (
            state,
            ended,
            seconds,
            facts["exit_status"],
            facts["ending"],
            json.dumps(count_states(connection, run)),
            facts["root_cause"],
            facts["message"],
            json.dumps(facts["notices"]),
            run,
        ),
    )
