"""Where the full log of a task is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flowrun.cli.task_log import task_log
from flowrun.jobdefinition import JobDefinition

STARTED = datetime(2026, 11, 21, 2, 0, 0).astimezone()


def definition(**logger: object) -> JobDefinition:
    loggers = {"log": logger} if logger else {}
    return JobDefinition.model_validate({"tasks": {"a": {"task": "A"}}, "loggers": loggers})


def test_it_is_the_log_of_this_run(tmp_path: Path) -> None:
    """Earlier runs have logs of the same task."""
    for name in ("2026-11-20.02.00.00.aaaaaa", "2026-11-21.02.00.00.bbbbbb", "notes"):
        (tmp_path / "mine" / name).mkdir(parents=True)
        (tmp_path / "mine" / name / "a.log").touch()
    (tmp_path / "mine" / "notes" / "a.log").unlink()
    job = definition(logger="FileLogger", parameters={"base_log_dir": "./mine"})

    assert task_log(job, tmp_path, "a", STARTED) == tmp_path / "mine" / "2026-11-21.02.00.00.bbbbbb" / "a.log"
    assert task_log(job, tmp_path, "silent", STARTED) is None


def test_without_a_file_logger_there_is_none(tmp_path: Path) -> None:
    """Neither without loggers, nor with others, nor before anything was written."""
    for job in (definition(), definition(logger="ConsoleLogger"), definition(logger="FileLogger")):
        assert task_log(job, tmp_path, "a", STARTED) is None
