"""The tables of `history.db`, and how an older database becomes one of today."""

from __future__ import annotations

import sqlite3

from . import approvals, progress

APPLICATION = 0x66726869  # "frhi": the mark by which a history of flowrun is known

_FIRST = (
    "CREATE TABLE facts (name TEXT PRIMARY KEY) WITHOUT ROWID",
    """CREATE TABLE spools (
        name TEXT PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        start INTEGER NOT NULL,
        taken INTEGER NOT NULL,
        is_over INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE runs (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        job TEXT NOT NULL,
        state TEXT NOT NULL,
        started REAL NOT NULL,
        ended REAL,
        seconds REAL NOT NULL DEFAULT 0,
        exit_status INTEGER,
        ending TEXT NOT NULL DEFAULT '',
        file TEXT NOT NULL DEFAULT '',
        root TEXT NOT NULL DEFAULT '',
        pid INTEGER NOT NULL DEFAULT 0,
        host TEXT NOT NULL DEFAULT '',
        user TEXT NOT NULL DEFAULT '',
        version TEXT NOT NULL DEFAULT '',
        trigger TEXT NOT NULL DEFAULT '',
        labels TEXT NOT NULL DEFAULT '{}',
        definition TEXT NOT NULL DEFAULT '',
        starts INTEGER NOT NULL DEFAULT 1,
        counts TEXT NOT NULL DEFAULT '{}',
        root_cause TEXT NOT NULL DEFAULT '',
        message TEXT NOT NULL DEFAULT '',
        notices TEXT NOT NULL DEFAULT '[]'
    )""",
    "CREATE INDEX spools_of_run ON spools (run)",
    "CREATE INDEX runs_by_start ON runs (started, number)",
    "CREATE INDEX runs_of_job ON runs (job, started)",
    """CREATE TABLE labels (
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        PRIMARY KEY (run, key)
    ) WITHOUT ROWID""",
    "CREATE INDEX labels_by_value ON labels (key, value, run)",
    """CREATE TABLE starts (
        run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        started REAL NOT NULL,
        ended REAL,
        exit_status INTEGER,
        ending TEXT NOT NULL DEFAULT '',
        pid INTEGER NOT NULL,
        birth TEXT NOT NULL,
        host TEXT NOT NULL,
        user TEXT NOT NULL,
        version TEXT NOT NULL,
        trigger TEXT NOT NULL,
        arguments TEXT NOT NULL,
        PRIMARY KEY (run, number)
    ) WITHOUT ROWID""",
    """CREATE TABLE tasks (
        number INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        name TEXT NOT NULL,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        variant TEXT NOT NULL DEFAULT '',
        parent TEXT NOT NULL DEFAULT '',
        executor TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL,
        why TEXT NOT NULL DEFAULT '',
        attempts INTEGER NOT NULL DEFAULT 0,
        max_attempts INTEGER NOT NULL DEFAULT 1,
        started REAL,
        ended REAL,
        is_kept INTEGER NOT NULL DEFAULT 0,
        is_cached INTEGER NOT NULL DEFAULT 0,
        is_allowed INTEGER NOT NULL DEFAULT 0,
        items INTEGER,
        items_kept INTEGER NOT NULL DEFAULT 0,
        cpu_seconds REAL NOT NULL DEFAULT 0,
        peak_bytes INTEGER NOT NULL DEFAULT 0,
        UNIQUE (run, name)
    )""",
    """CREATE TABLE attempts (
        run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        task TEXT NOT NULL,
        number INTEGER NOT NULL,
        state TEXT NOT NULL,
        started REAL NOT NULL,
        ended REAL,
        reason TEXT NOT NULL DEFAULT '',
        message TEXT NOT NULL DEFAULT '',
        will_retry INTEGER NOT NULL DEFAULT 0,
        pause_seconds REAL NOT NULL DEFAULT 0,
        cpu_seconds REAL NOT NULL DEFAULT 0,
        peak_bytes INTEGER NOT NULL DEFAULT 0,
        more TEXT NOT NULL DEFAULT '{}',
        PRIMARY KEY (run, task, number)
    ) WITHOUT ROWID""",
    """CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        at REAL NOT NULL,
        kind TEXT NOT NULL,
        task TEXT NOT NULL DEFAULT '',
        move TEXT NOT NULL DEFAULT '',
        attempt INTEGER NOT NULL DEFAULT 0,
        detail TEXT
    )""",
    "CREATE INDEX events_of_run ON events (run, seq)",
    """CREATE TABLE run_values (
        run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        task TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        at REAL NOT NULL,
        text TEXT NOT NULL,
        size INTEGER NOT NULL,
        is_cut INTEGER NOT NULL,
        is_deleted INTEGER NOT NULL,
        PRIMARY KEY (run, kind, name)
    ) WITHOUT ROWID""",
    """CREATE TABLE log_positions (
        run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        task TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        path TEXT NOT NULL,
        begin INTEGER NOT NULL,
        PRIMARY KEY (run, task, attempt, path, begin)
    ) WITHOUT ROWID""",
    """CREATE TABLE definitions (
        digest TEXT PRIMARY KEY,
        tasks TEXT NOT NULL,
        merged TEXT NOT NULL,
        origins TEXT NOT NULL,
        files TEXT NOT NULL
    ) WITHOUT ROWID""",
)

_BEGUN = (
    "ALTER TABLE attempts ADD COLUMN begun REAL",
    "ALTER TABLE attempts ADD COLUMN worker TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE spools ADD COLUMN heard REAL",
)
"""When a worker elsewhere has begun an attempt, and the last that has; when a start of a run was heard of last."""

_STEPS: tuple[tuple[str, ...], ...] = (_FIRST, (approvals.INDEX,), (progress.TABLE,), _BEGUN)
"""What makes each version of the one before; the first makes a new database."""

VERSION = len(_STEPS)


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a database of an older version, or an empty one (0), to this one. Called in a transaction."""
    for step in _STEPS[version:]:
        for statement in step:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
