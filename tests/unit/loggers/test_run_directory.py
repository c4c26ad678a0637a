"""RunDirectory: a directory for each run, and what becomes of old ones."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from flowrun.loggers.run_directory import RunDirectory

NOW = datetime(2026, 11, 21, 14, 0, 5).astimezone()


def old_run(base: Path, days: float, *, name: str = "", suffix: str = ".a1b2c3") -> Path:
    """The directory of a run so many days ago, with one log."""
    at = NOW - timedelta(days=days)
    path = base / (name or f"{at:%Y-%m-%d.%H.%M.%S}{suffix}")
    path.mkdir(parents=True)
    log = path / "task.log"
    log.write_text("line\n")
    os.utime(log, (at.timestamp(), at.timestamp()))
    return path


def current(base: Path) -> RunDirectory:
    directory = RunDirectory(str(base), NOW)
    directory.create()
    return directory


def test_runs_of_one_second_do_not_share_a_directory(tmp_path: Path) -> None:
    """The name begins with the second, and no two are the same (FM-78, X-FM-24)."""
    paths = {Path(current(tmp_path / "logs").path) for _ in range(20)}

    assert len(paths) == 20
    assert all(path.is_dir() and path.name.startswith("2026-11-21.14.00.05.") for path in paths)


@pytest.mark.parametrize(("days", "kept"), [(10, [0.5, 9]), (0, []), (400, [0.5, 9, 11, 300])])
def test_logs_of_earlier_runs_are_deleted_when_they_are_old(tmp_path: Path, days: int, kept: list[float]) -> None:
    """Older than the days: gone with their directory; 0 keeps none of the earlier runs (FM-79)."""
    runs = {age: old_run(tmp_path, age) for age in (0.5, 9, 11, 300)}

    current(tmp_path).delete_older(days)

    assert [age for age, path in runs.items() if path.exists()] == kept


def test_the_current_run_keeps_its_logs(tmp_path: Path) -> None:
    """Not even with 0 days are the logs of this run deleted (FM-79, X-FM-24)."""
    directory = current(tmp_path)
    log = Path(directory.path) / "task.log"
    log.write_text("line\n")
    os.utime(log, (0, 0))

    directory.delete_older(0)

    assert log.exists()


def test_a_run_that_is_not_over_keeps_its_logs(tmp_path: Path) -> None:
    """Another job that logs into the same directory is left alone until it is done."""
    other = current(tmp_path)
    log = Path(other.path) / "task.log"
    log.write_text("line\n")
    os.utime(log, (0, 0))

    current(tmp_path).delete_older(0)
    kept_while_running = log.exists()
    other.close()
    current(tmp_path).delete_older(0)

    assert kept_while_running
    assert not log.exists()


def test_directories_without_a_suffix_are_old_runs_too(tmp_path: Path) -> None:
    """Flowmancer named its directories by the second alone; they grow old in the same way."""
    run = old_run(tmp_path, 20, suffix="")

    current(tmp_path).delete_older(10)

    assert not run.exists()


def test_what_no_run_has_made_stays(tmp_path: Path) -> None:
    """Other directories, other files and links are not touched."""
    elsewhere = old_run(tmp_path / "elsewhere", 20)
    stranger = old_run(tmp_path / "logs", 20, name="precious")
    with_more = old_run(tmp_path / "logs", 21)
    (with_more / "notes.txt").write_text("mine")
    (tmp_path / "logs" / "2020-01-01.00.00.00").symlink_to(elsewhere)
    (with_more / "link.log").symlink_to(stranger / "task.log")

    current(tmp_path / "logs").delete_older(0)

    assert (elsewhere / "task.log").exists()
    assert (stranger / "task.log").exists()
    assert sorted(path.name for path in with_more.iterdir()) == ["link.log", "notes.txt"]


def test_a_directory_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    """A base that is a file is noticed when lines are lost, not before."""
    (tmp_path / "logs").write_text("a file")

    directory = current(tmp_path / "logs")
    directory.delete_older(0)
    directory.close()

    assert (tmp_path / "logs").read_text() == "a file"
