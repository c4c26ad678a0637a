"""JsonLogger: one object a line."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flowrun.eventbus.log import LogLinesEvent, LogWriteEvent, SerializableLogEvent, Severity
from flowrun.loggers.json import JsonLogger

AT = datetime(2026, 11, 21, 13, 0, 5, 123456, tzinfo=UTC)


def written(message: str, job: str = "nightly") -> LogWriteEvent:
    return LogWriteEvent(name="load", severity=Severity.ERROR, message=message, timestamp=AT, job_name=job, attempt=2)


def log(logger: JsonLogger, *events: SerializableLogEvent) -> None:
    async def scenario() -> None:
        await logger.on_create()
        for event in events:
            await logger.update(event)
        await logger.on_destroy()

    asyncio.run(scenario())


def objects(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_is_an_object_with_everything_known(tmp_path: Path) -> None:
    """Time, job, task, attempt, severity and message; any text comes back as it was."""
    logger = JsonLogger(path="out.jsonl")
    logger.settle(tmp_path)
    evil = 'quotes " and \x1b[31m and 数 and \udc80'

    log(
        logger,
        written(evil),
        LogLinesEvent(name="x", severity=Severity.INFO, lines="a\nb", timestamp=AT, job_name="nightly"),
    )

    found = objects(tmp_path / "out.jsonl")
    assert found[0] == {
        "time": "2026-11-21T13:00:05.123+00:00",
        "job": "nightly",
        "task": "load",
        "attempt": 2,
        "severity": "ERROR",
        "message": evil,
    }
    assert [(each["task"], each["message"]) for each in found[1:]] == [("x", "a"), ("x", "b")]
    assert b"\x1b" not in (tmp_path / "out.jsonl").read_bytes()


def test_each_run_has_a_file_named_after_the_job(tmp_path: Path) -> None:
    """By default two runs do not share a file, and no name of a job leads out of the directory."""
    for job in ("nightly", "nightly", "../../x"):
        logger = JsonLogger()
        logger.settle(tmp_path)
        log(logger, written("line", job))

    names = sorted(path.name for path in (tmp_path / "logs").iterdir())
    assert len(names) == 3
    assert sum(name.startswith("nightly.20") for name in names) == 2
    assert [path for path in tmp_path.rglob("*.jsonl") if path.parent != tmp_path / "logs"] == []


def test_a_dash_is_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`path: -` writes to stdout."""
    with (tmp_path / "stdout").open("w") as stdout:
        monkeypatch.setattr(sys, "__stdout__", stdout)
        log(JsonLogger(path="-"), written("line"))

    assert [each["message"] for each in objects(tmp_path / "stdout")] == ["line"]


def test_a_reader_that_is_gone_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is raised when nobody reads standard output (G10)."""
    reader, writer = os.pipe()
    os.close(reader)
    logger = JsonLogger(path="-")
    with os.fdopen(writer, "w") as stdout:
        monkeypatch.setattr(sys, "__stdout__", stdout)
        log(logger, written("one"), written("two"))

    assert logger.notices == []
