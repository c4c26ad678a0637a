"""The database of the history may be lost, damaged, foreign, old, locked or read by several."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from flowrun.errors import CheckpointInvalidError, StateError
from flowrun.history.database import Database
from flowrun.history.intake import Intake
from flowrun.history.places import Places
from flowrun.history.reader import History

from .conftest import BEGAN, Written, task


def test_an_older_database_becomes_one_of_today(written: Written, history: History, tmp_path: Path) -> None:
    """What it has stays; what is new in this version is added."""
    run = written(tasks=[task("load")])
    run.performed(0, 1, "load")
    history.refresh()
    history.close()
    with sqlite3.connect(Places(tmp_path).database) as connection:
        for table, column in (("attempts", "begun"), ("attempts", "worker"), ("spools", "heard")):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.execute("DROP TABLE progress")
        connection.execute("DROP INDEX approvals_of_run")
        connection.execute("PRAGMA user_version = 1")
    connection.close()

    (row,) = history.tasks(run.run)

    assert (row.state, row.progress) == ("COMPLETED", None)


def test_a_lost_database_is_made_anew(written: Written, history: History, tmp_path: Path) -> None:
    """Deleted or emptied, it is filled again with what the runs of the last days have left. PROMISES G15, D-13"""
    run = written(tasks=[task("load")])
    run.performed(0, 1, "load")
    run.end(2)
    history.refresh()
    before = history.run("7f3a0001"), history.tasks("7f3a0001")
    database = Places(tmp_path).database

    database.unlink()
    history.refresh()
    assert (history.run("7f3a0001"), history.tasks("7f3a0001")) == before
    history.close()
    database.write_bytes(b"")
    history.refresh()
    assert (history.run("7f3a0001"), history.tasks("7f3a0001")) == before


@pytest.mark.parametrize("content", [b"\0" * 40_960, b"some other file" * 100])
def test_a_damaged_database_is_told_with_what_to_do(
    written: Written, history: History, tmp_path: Path, content: bytes
) -> None:
    """One clear line, that names the file and the remedy. PROMISES D-13"""
    written().end()
    Places(tmp_path).database.write_bytes(content)

    with pytest.raises(CheckpointInvalidError, match=r"history\.db is damaged: .*; delete it, and what the runs"):
        history.refresh()


def test_a_foreign_or_newer_database_is_left_alone(history: History, tmp_path: Path) -> None:
    """What is not ours, or of a later version, is neither changed nor misread. PROMISES D-13"""
    database = Places(tmp_path).database
    database.parent.mkdir()
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(CheckpointInvalidError, match="a database of something else"):
        history.refresh()
    database.unlink()
    history.refresh()
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    history.close()
    with pytest.raises(CheckpointInvalidError, match="of a newer flowrun: it has schema version 99"):
        history.refresh()


def test_a_locked_database_is_shown_as_it_was(written: Written, history: History, tmp_path: Path) -> None:
    """If only writing is impossible, a notice says that what is shown may be old; else one line says why."""
    written().end()
    history.refresh()
    written(run="later", began=BEGAN + timedelta(minutes=1)).end()
    other = sqlite3.connect(Places(tmp_path).database, isolation_level=None)

    other.execute("BEGIN IMMEDIATE")
    history.refresh()
    assert "may be old: " in history.notices[0]
    assert [run.id for run in history.runs().runs] == ["7f3a0001"]
    other.execute("ROLLBACK")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StateError, match="locked by another process"):
        history.refresh()
    other.execute("ROLLBACK")
    other.close()
    history.refresh()
    assert (history.notices, len(history.runs().runs)) == ([], 2)


def test_lines_that_are_none_are_passed_over(written: Written, history: History, tmp_path: Path) -> None:
    """What somebody else wrote, what a later version writes, and a last line that was never finished."""
    run = written(tasks=[task("load")])
    [spool] = Places(tmp_path).spool.iterdir()
    with spool.open("ab") as stream:
        stream.write(b'rubbish\n\xff\xfe\n[]\n["later",{"a":1}]\n["moves",1]\n["start",{"run":"x","job":"x","at":1}]\n')
    run.performed(0, 1, "load")
    with spool.open("ab") as stream:
        stream.write(b'["moves",1.0,[["load"')
    run.vanish()

    history.refresh()

    assert history.task("7f3a0001", "load").state == "COMPLETED"
    assert [(it.id, it.state) for it in history.runs().runs] == [("7f3a0001", "interrupted")]


def test_two_readers_take_each_line_once(written: Written, history: History, tmp_path: Path) -> None:
    """Whoever comes second finds that it is taken, also if it was not put away."""
    run = written(tasks=[task("load")])
    run.performed(0, 1, "load")
    run.end(2)
    [spool] = Places(tmp_path).spool.iterdir()
    copy = tmp_path / "copy"
    shutil.copy(spool, copy)
    events = history.refresh()
    shutil.copy(copy, spool)

    other = History(tmp_path)

    assert other.refresh() == events
    assert other.run("7f3a0001").starts == 1
    assert not list(Places(tmp_path).spool.iterdir())


def test_a_database_that_may_only_be_read_is_read(written: Written, tmp_path: Path) -> None:
    """With a notice that what is shown may be old."""
    written().end()
    History(tmp_path).refresh()
    history = History(tmp_path)
    database = Places(tmp_path).database
    written(run="later", began=BEGAN + timedelta(minutes=1)).end()
    history._database._made = lambda: ((0, 0), f"{database.as_uri()}?mode=ro")  # type: ignore[method-assign]

    history.refresh()

    assert [run.id for run in history.runs().runs] == ["7f3a0001"]
    assert "may be old: " in history.notices[0]


def test_a_database_that_was_made_anew_by_half_is_completed(written: Written, history: History, tmp_path: Path) -> None:
    """Whoever makes it anew may be killed while doing so: the next one takes the rest."""
    for number in range(3):
        written(run=f"run{number}", began=BEGAN + timedelta(seconds=number)).end()
    history.refresh()
    history.close()
    places = Places(tmp_path)
    places.database.unlink()
    Intake(places, Database(places.database))._take_all(sorted(places.kept.glob("*/run1*")), None)

    other = History(tmp_path)
    other.refresh()

    assert [run.id for run in other.runs().runs] == ["run2", "run1", "run0"]
