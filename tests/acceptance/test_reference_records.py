"""The reference cannot drift: events, journals and reports have the fields that are documented."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from flowrun.eventbus.event import SerializableEvent
from flowrun.eventbus.execution import (
    ApprovalEvent,
    AttemptBegun,
    AttemptLookedFor,
    ExecutionStateTransition,
    ExecutorNotice,
    ItemsFound,
    JobStopping,
    TaskWaiting,
    TransitionsEvent,
)
from flowrun.eventbus.log import LogEndEvent, LogLinesEvent, LogStartEvent, LogWriteEvent, LogWriter, Severity
from flowrun.eventbus.progress import ProgressEvent

from ..papers import DOCS, ROOT, first_names, named, rows, section

REFERENCE = DOCS / "reference"


def fields_of(cls: type[SerializableEvent]) -> list[str]:
    base = {field.name for field in fields(SerializableEvent)}
    return [field.name for field in fields(cls) if field.name not in base]


@pytest.mark.parametrize(
    ("heading", "events"),
    [
        ("Log events", [LogStartEvent, LogWriteEvent, LogLinesEvent, LogEndEvent]),
        (
            "Transitions",
            [
                ExecutionStateTransition,
                TransitionsEvent,
                ItemsFound,
                TaskWaiting,
                ApprovalEvent,
                AttemptLookedFor,
                AttemptBegun,
                ProgressEvent,
                ExecutorNotice,
                JobStopping,
            ],
        ),
    ],
)
def test_the_reference_has_every_field_of_an_event(heading: str, events: list[type[SerializableEvent]]) -> None:
    """Each event with its fields (FM-77, FM-81, FM-94)."""
    written: dict[str, list[str]] = {}
    for event, field, *_ in rows(section(REFERENCE / "log-and-events.md", heading)):
        if event:
            under_way = written.setdefault(named(event)[0], [])
        under_way += named(field)

    assert written == {cls.__name__: fields_of(cls) for cls in events}


def test_the_reference_has_every_severity() -> None:
    """Each severity, and the method of `self.logger` that writes it."""
    listed = rows(section(REFERENCE / "log-and-events.md", "What becomes a log line"))

    assert [named(row[0])[0] for row in listed] == [severity.value for severity in Severity]
    methods = {name.removeprefix("self.logger.") for row in listed for name in named(row[1])}
    assert methods == {name for name in vars(LogWriter) if not name.startswith("_")}


JOURNAL_TASKS = """
from datetime import date
from flowrun.task import Task, task

@task
class Share(Task):
    def run(self) -> int:
        self.shared_dict["day"] = date(2026, 1, 31)
        return 3

@task
class Fail(Task):
    def run(self) -> None:
        raise ValueError("no rows")
"""

JOURNAL_JOB = "config: {name: j}\ntasks:\n  a: {task: Share}\n  b: {task: Fail, dependencies: [a]}\n"


def run_flowrun(directory: Path, *words: str) -> list[Mapping[str, Any]]:
    """The records that `flowrun` writes to standard output."""
    (directory / "tasks").mkdir()
    (directory / "tasks" / "journal.py").write_text(JOURNAL_TASKS)
    (directory / "job.yaml").write_text(JOURNAL_JOB)
    done = subprocess.run(
        [sys.executable, "-m", "flowrun", "-j", "job.yaml", *words],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_reference_has_every_field_of_a_journal(tmp_path: Path) -> None:
    """What a run leaves has the fields that are documented, all of them and no other."""
    run_flowrun(tmp_path, "--output", "quiet")
    [journal] = tmp_path.glob(".flowrun/j/*.journal")
    first, *steps = [json.loads(line) for line in journal.read_text().splitlines()]
    page = REFERENCE / "journal.md"
    every = first_names(section(page, "Every record"))

    assert list(first) == [*every, *first_names(section(page, "The first record"))]
    assert {key for step in steps for key in step} == {*every, *first_names(section(page, "The records that follow"))}


def test_the_reference_has_every_field_of_the_report(tmp_path: Path) -> None:
    """The last line of the output for machines has the fields that are documented. X-AS-11"""
    *_, report = run_flowrun(tmp_path, "--output", "json")
    listed = {named(row[0])[0]: row[1] for row in rows(section(REFERENCE / "log-and-events.md", "Output for machines"))}

    assert report["event"] == "Report"
    assert list(listed) == list(report["body"])
    assert named(listed["tasks"]) == list(report["body"]["tasks"][0])


def test_the_reference_has_every_kind_of_value() -> None:
    """Each tag of encoded values."""
    from flowrun.values.tags import _READERS

    assert set(first_names(section(REFERENCE / "journal.md", "Values"))) == {"$file", *_READERS}
