"""A run that is over takes what earlier ones have left, if there is much of it, and is harmed by nothing."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

from flowrun.history.places import Places
from flowrun.history.reader import History
from flowrun.recording import take_some

from .conftest import BEGAN, Written


def leave(written: Written, number: int) -> None:
    for at in range(number):
        written(run=f"run{at}", began=BEGAN + timedelta(seconds=at)).end()


def test_few_spools_are_left_to_readers(written: Written, tmp_path: Path) -> None:
    """No database is made for them."""
    leave(written, 50)

    take_some(Places(tmp_path))

    assert not Places(tmp_path).database.exists()


def test_many_spools_are_taken(written: Written, tmp_path: Path) -> None:
    """So that they do not grow without bounds where nobody looks."""
    leave(written, 51)

    take_some(Places(tmp_path))

    assert Places(tmp_path).waiting() == []
    assert len(History(tmp_path).runs(limit=100).runs) == 51


def test_a_database_that_cannot_be_used_is_passed_over(written: Written, tmp_path: Path) -> None:
    """Locked, or damaged: the spools stay, and nothing is said."""
    leave(written, 51)
    database = Places(tmp_path).database
    History(tmp_path).jobs()
    with sqlite3.connect(database, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        take_some(Places(tmp_path))
        other.execute("ROLLBACK")
    other.close()
    database.write_bytes(b"\0" * 8192)
    take_some(Places(tmp_path))

    assert len(Places(tmp_path).waiting()) == 51
