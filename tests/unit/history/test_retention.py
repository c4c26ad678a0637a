"""Retention: old runs go with what they have left, and nothing else does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flowrun.history.places import Places
from flowrun.history.reader import History
from flowrun.history.retention import Retention
from flowrun.usual.samples import Samples, write_samples

from .conftest import BEGAN, Written, task


def three_runs(written: Written, tmp_path: Path) -> None:
    """One a day, each with a log of 1000 bytes; and one that goes on."""
    for number in range(3):
        log = tmp_path / f"logs{number}" / "load.log"
        log.parent.mkdir()
        log.write_bytes(b"x" * 1000)
        run = written(run=f"run{number}", began=BEGAN + timedelta(days=number), tasks=[task("load")])
        run.positions.append(("load", 1, str(log), 0))
        run.performed(0, 1, "load")
        run.end(2)
    written(run="live", began=BEGAN - timedelta(days=100))


def test_runs_that_are_older_go(written: Written, history: History, tmp_path: Path) -> None:
    """With their logs, the directories of these, and what could bring them back; one that goes on stays."""
    three_runs(written, tmp_path)
    history.refresh()
    retention = Retention(tmp_path, history, BEGAN.timestamp())

    doomed = retention.chosen((BEGAN + timedelta(days=1, hours=12)).timestamp(), None)
    before = [run.id for run in history.runs().runs]
    retention.delete(doomed)
    history.close()
    Places(tmp_path).database.unlink()
    history.refresh()

    assert [it.run.id for it in doomed] == ["run0", "run1"]
    assert before == ["run2", "run1", "run0", "live"]
    assert [run.id for run in history.runs().runs] == ["run2", "live"]
    assert [path.name for path in sorted(tmp_path.glob("logs*"))] == ["logs2"]


def test_the_oldest_go_until_the_rest_fits(written: Written, history: History, tmp_path: Path) -> None:
    """Nothing goes if everything fits."""
    three_runs(written, tmp_path)
    history.refresh()
    retention = Retention(tmp_path, history, BEGAN.timestamp())
    size = retention.size()

    assert retention.chosen(None, size) == []
    assert [it.run.id for it in retention.chosen(None, size - 100)] == ["run0"]
    assert [it.run.id for it in retention.chosen(None, 0)] == ["run0", "run1", "run2"]


def test_with_the_last_run_of_a_job_it_is_forgotten_how_long_its_tasks_take(
    written: Written, history: History, tmp_path: Path
) -> None:
    """As long as there is another one, it stays."""
    for job, number in (("nightly", 0), ("nightly", 1), ("weekly", 0)):
        written(job=job, run=f"{job}{number}", began=BEGAN + timedelta(days=number)).end(2)
        write_samples(Places(tmp_path).samples(job), Samples({"load": [2.0]}))
    history.refresh()
    retention = Retention(tmp_path, history, BEGAN.timestamp())

    retention.delete(retention.chosen((BEGAN + timedelta(hours=1)).timestamp(), None))

    assert [path.name for path in Places(tmp_path).usual.iterdir()] == ["nightly.json"]
