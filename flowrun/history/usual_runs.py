"""How long the runs of a job usually take."""

from __future__ import annotations

from sqlite3 import Connection

from ..usual.samples import median

MOST_RUNS = 50
"""So many of the last runs count."""


def usual_seconds(connection: Connection, job: str) -> float | None:
    """The median of the last runs that completed; None: none did."""
    found = connection.execute(
        "SELECT seconds FROM (SELECT state, seconds FROM runs WHERE job = ? ORDER BY started DESC LIMIT ?) "
        "WHERE state = 'completed'",
        (job, MOST_RUNS),
    ).fetchall()
    return round(median(seconds for (seconds,) in found), 3) if found else None
