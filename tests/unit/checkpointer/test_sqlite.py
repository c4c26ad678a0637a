"""The SQLite checkpointer: its tables, its history, and files that are not its own."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from flowrun.checkpointer import CheckpointContents, Commit
from flowrun.checkpointer.sqlite import SQLiteCheckpointer
from flowrun.errors import CheckpointInvalidError, StateError


def do(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def contents(run_id: str) -> CheckpointContents:
    return CheckpointContents("nightly", {"_": {"a"}}, {}, run_id, started=f"start of {run_id}")


Another = Callable[[], SQLiteCheckpointer]
"""Makes a checkpointer as a new process would."""


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Another]:
    every: list[SQLiteCheckpointer] = []

    def make() -> SQLiteCheckpointer:
        made = SQLiteCheckpointer()
        made.settle(tmp_path)
        every.append(made)
        return made

    yield make
    for made in every:
        do(made.on_destroy())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".flowrun/checkpoint.db"


def rows(file: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as db:
        return db.execute(query).fetchall()


def test_the_history_of_runs_can_be_queried(another: Another, file: Path) -> None:
    """FM-73, X-FM-22: begin, end and outcome of every run; abandoned runs are closed by the next."""

    async def live(run_id: str, *endings: str) -> None:
        one = another()
        await one.write_checkpoint("nightly", contents(run_id))
        for ending in endings:
            await (one.clear_checkpoint("nightly") if ending == "clear" else getattr(one, ending)())
        await one.on_destroy()

    do(live("killed"))
    do(live("failed", "on_failure"))
    do(live("stopped", "on_abort"))
    do(live("good", "clear", "on_success"))
    do(live("goes on"))

    found = rows(file, "SELECT run_id, name, start_ts, end_ts IS NULL, outcome FROM runs ORDER BY number")
    assert found == [
        ("killed", "nightly", "start of killed", 0, "abandoned"),
        ("failed", "nightly", "start of failed", 0, "failed"),
        ("stopped", "nightly", "start of stopped", 0, "aborted"),
        ("good", "nightly", "start of good", 0, "completed"),
        ("goes on", "nightly", "start of goes on", 1, None),
    ]


def test_a_restart_goes_on_in_the_same_row(another: Another, file: Path) -> None:
    """FM-73: a run that is continued is one run."""
    for _ in range(2):
        one = another()
        do(one.write_checkpoint("nightly", contents("aa")))
        do(one.on_failure())
        do(one.on_destroy())
    again = another()
    do(again.write_checkpoint("nightly", contents("aa")))

    assert rows(file, "SELECT run_id, end_ts, outcome FROM runs") == [("aa", None, None)]


def test_the_records_of_a_completed_run_are_gone(another: Another, file: Path) -> None:
    """Success keeps the row, not the values."""
    one = another()
    do(one.write_checkpoint("nightly", contents("aa")))
    do(one.record("nightly", [Commit("a", "C", 1, result='{"rows":1}')]))
    states = rows(file, "SELECT json_extract(record, '$.task'), json_extract(record, '$.result.rows') FROM records")
    assert states == [(None, None), ("a", 1)]

    do(one.clear_checkpoint("nightly"))

    assert rows(file, "SELECT count(*) FROM records") == [(0,)]


def test_the_journal_of_the_database_is_a_sound_one(another: Another, file: Path) -> None:
    """G15: a write-ahead log only with a SQLite whose write-ahead log is sound."""
    one = another()
    do(one.write_checkpoint("nightly", contents("aa")))

    is_wal_sound = sqlite3.sqlite_version_info >= (3, 51, 3)
    assert rows(file, "PRAGMA journal_mode") == [("wal" if is_wal_sound else "delete",)]
    assert rows(file, "PRAGMA user_version") == [(1,)]


def test_a_database_of_something_else_is_refused_and_left_alone(another: Another, file: Path) -> None:
    """A wrong path in the job file does not harm what is there."""
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE checkpoint (id INTEGER)")
    before = file.read_bytes()

    one = another()
    for work in (one.read_checkpoint("nightly"), one.write_checkpoint("nightly", contents("a"))):
        with pytest.raises(CheckpointInvalidError, match=r"checkpoint\.db is a database of something else"):
            do(work)

    assert file.read_bytes() == before


def test_a_newer_schema_is_refused_naming_both(another: Another, file: Path) -> None:
    """An older flowrun does not write into what it does not know."""
    do(another().write_checkpoint("nightly", contents("aa")))
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA user_version = 2")

    with pytest.raises(CheckpointInvalidError, match=r"checkpoint\.db has schema version 2.* up to version 1"):
        do(another().read_checkpoint("nightly"))


def test_a_damaged_file_is_set_aside_by_a_new_run(another: Another, file: Path) -> None:
    """G11: a plain run always works, and what was there can still be looked at."""
    file.parent.mkdir()
    file.write_text("this is no database\n" * 100)
    one = another()

    do(one.write_checkpoint("nightly", contents("aa")))

    assert do(one.read_checkpoint("nightly")).run_id == "aa"
    assert file.with_name("checkpoint.db.damaged").read_text().startswith("this is no database")
    assert len(one.notices) == 1
    assert "checkpoint.db.damaged" in one.notices[0]


def test_a_damaged_record_is_refused_by_file_and_run(another: Another, file: Path) -> None:
    """G11: records prove themselves, in a database too; there the last one cannot be cut off."""
    one = another()
    do(one.write_checkpoint("nightly", contents("aa")))
    do(one.record("nightly", [Commit("a", "F", 1)]))
    do(one.on_destroy())
    with closing(sqlite3.connect(file)) as db:
        db.execute("""UPDATE records SET record = replace(record, '"F"', '"C"') WHERE seq = 2""")
        db.commit()

    with pytest.raises(CheckpointInvalidError, match=r"checkpoint\.db, run aa, is damaged in its last record"):
        do(another().read_checkpoint("nightly"))


def test_a_missing_table_is_damage(another: Another, file: Path) -> None:
    """It is said so, and a new run can begin."""
    do(another().write_checkpoint("nightly", contents("aa")))
    with closing(sqlite3.connect(file)) as db:
        db.execute("DROP TABLE records")

    with pytest.raises(CheckpointInvalidError, match=r"checkpoint\.db is damaged: no such table"):
        do(another().read_checkpoint("nightly"))
    do(another().write_checkpoint("nightly", contents("bb")))
    assert do(another().read_checkpoint("nightly")).run_id == "bb"


def test_each_thread_has_a_connection_of_its_own(another: Another) -> None:
    """The object may be made in one thread and used in another."""
    one = another()
    do(one.write_checkpoint("nightly", contents("aa")))
    found: list[CheckpointContents] = []

    def read() -> None:
        found.append(do(one.read_checkpoint("nightly")))
        do(one.on_destroy())

    thread = Thread(target=read)
    thread.start()
    thread.join()
    do(one.record("nightly", [Commit("a", "C")]))

    assert [each.run_id for each in found] == ["aa"]
    assert do(one.read_checkpoint("nightly")).states == {"C": {"a"}}
    do(one.on_destroy())


def test_a_record_that_cannot_be_written_is_an_error_with_the_path(another: Another, file: Path) -> None:
    """Nothing of a batch is kept if one of it is not."""
    one = another()
    do(one.write_checkpoint("nightly", contents("aa")))
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TRIGGER t BEFORE INSERT ON records WHEN new.seq = 3 BEGIN SELECT raise(ABORT, 'full'); END")

    with pytest.raises(StateError, match=r"cannot use .*checkpoint\.db: full"):
        do(one.record("nightly", [Commit("a", "R", 1), Commit("a", "C", 1)]))
    with closing(sqlite3.connect(file)) as db:
        db.execute("DROP TRIGGER t")
    do(one.record("nightly", [Commit("a", "F", 1)]))

    assert do(another().read_checkpoint("nightly")).states == {"F": {"a"}}
