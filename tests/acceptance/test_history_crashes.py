"""Readers and runners that are killed at any moment leave a sound history behind."""

from __future__ import annotations

import json
import random
import sqlite3
import time

import pytest

from ..project import Project

_JOBS = 4


@pytest.mark.parametrize("rounds", [2, pytest.param(120, marks=pytest.mark.full)])
def test_killed_readers_and_runners_leave_a_sound_database(project: Project, rounds: int) -> None:
    """Runs and readers at once, some of them killed: nothing is lost and nothing is counted twice. PROMISES D-14"""
    chance = random.Random(rounds)
    for number in range(_JOBS):
        project.job(
            {f"t{it}": "AsyncStep" for it in range(50)}, file=f"job{number}.yaml", config={"name": f"job{number}"}
        )
    for _ in range(rounds):
        runs = [project.start("-q", job=f"job{number}.yaml") for number in range(_JOBS)]
        readers = [project.command("runs") for _ in range(3)]
        for victim in (runs[0], *readers[:2]):
            time.sleep(chance.uniform(0, 0.5))  # at any moment
            victim.kill()
        assert [one.wait().status for one in (*runs[1:], readers[2])] == [0] * _JOBS

    record = json.loads(project.command("runs", "--limit", "1000", "--json").wait().out)
    states = [run["state"] for run in record["runs"]]

    with sqlite3.connect(project.root / ".flowrun" / "history.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        counts = connection.execute("SELECT count(*) FROM events WHERE kind = 'moved' GROUP BY run").fetchall()
    connection.close()
    assert states.count("completed") >= rounds * (_JOBS - 1)
    assert set(states) <= {"completed", "interrupted"}
    assert [number for (number,) in counts if number > 100] == []
    assert sum(run["counts"].get("COMPLETED") == 50 for run in record["runs"]) >= rounds * (_JOBS - 1)
