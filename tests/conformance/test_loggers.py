"""The exam of loggers: given to every bundled one and to one of a user's own."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest
from pydantic import PrivateAttr

from flowrun.engine.subscribers import Subscribers
from flowrun.eventbus.log import (
    LogEndEvent,
    LogLinesEvent,
    LogStartEvent,
    LogWriteEvent,
    SerializableLogEvent,
    Severity,
)
from flowrun.loggers.console import ConsoleLogger
from flowrun.loggers.file import FileLogger
from flowrun.loggers.json import JsonLogger
from flowrun.loggers.logger import Logger

EVIL = "before\x1b]0;pwned\x07\x1b[2J\x1b[31mred\x9b31mc1 after\x00\rover\u2028next \udc80"


class Kept(ABC):
    """A logger, and how to read what it has kept."""

    logger: Logger
    shows_to_people = True

    @abstractmethod
    def messages(self, task: str) -> list[str]:
        """What the task said, as far as this logger keeps it."""

    @abstractmethod
    def raw(self) -> str:
        """Everything it wrote."""


class KeptInFiles(Kept):
    def __init__(self, root: Path) -> None:
        self.logger = self._logger = FileLogger(base_log_dir="logs")
        self._logger.settle(root)
        self._root = root

    def messages(self, task: str) -> list[str]:
        path = self._logger.log_path(task)
        return (
            []
            if path is None
            else [line.split("] ", 1)[1].split(" - ", 1)[1] for line in path.read_text().splitlines()]
        )

    def raw(self) -> str:
        return "".join(path.read_text() for path in self._root.rglob("*.log"))


class KeptAsJson(Kept):
    def __init__(self, root: Path) -> None:
        logger = JsonLogger(path="logs/out.jsonl")
        logger.settle(root)
        self.logger = logger
        self._path = root / "logs" / "out.jsonl"

    def messages(self, task: str) -> list[str]:
        objects = [json.loads(line) for line in self.raw().splitlines()]
        return [each["message"] for each in objects if each["task"] == task]

    def raw(self) -> str:
        return self._path.read_text() if self._path.exists() else ""


class KeptFromConsole(Kept):
    def __init__(self, root: Path, stream: TextIO) -> None:
        self.logger = ConsoleLogger()
        self._path = Path(stream.name)

    def messages(self, task: str) -> list[str]:
        return [line.split(" | ", 1)[1] for line in self.raw().splitlines() if line.startswith(f"{task} | ")]

    def raw(self) -> str:
        return self._path.read_text()


class MemoryLogger(Logger):
    """A user's own: hears one event a line."""

    _heard: list[LogWriteEvent] = PrivateAttr(default_factory=list)

    async def update(self, evt: SerializableLogEvent) -> None:
        if isinstance(evt, LogWriteEvent):
            self._heard.append(evt)


class KeptInMemory(Kept):
    shows_to_people = False

    def __init__(self) -> None:
        self.logger = self._logger = MemoryLogger()

    def messages(self, task: str) -> list[str]:
        return [event.message for event in self._logger._heard if event.name == task]

    def raw(self) -> str:
        return "\n".join(event.message for event in self._logger._heard)


@pytest.fixture(params=["file", "json", "console", "custom"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    with (tmp_path / "stderr").open("w") as stderr:
        monkeypatch.setattr(sys, "__stderr__", stderr)
        match request.param:
            case "file":
                yield KeptInFiles(tmp_path)
            case "json":
                yield KeptAsJson(tmp_path)
            case "console":
                yield KeptFromConsole(tmp_path, stderr)
            case _:
                yield KeptInMemory()
        monkeypatch.undo()


def run(logger: Logger, *events: SerializableLogEvent) -> list[str]:
    """A job in which these events happened; returns the notices."""
    subscribers = Subscribers(
        {"it": logger}, {}, job_name="nightly", loggers_interval_seconds=0.01, extensions_interval_seconds=0.01
    )

    async def scenario() -> None:
        await subscribers.open(False)
        for event in events:
            subscribers.hear(event)
        await subscribers.close("success")

    asyncio.run(scenario())
    return subscribers.notices


def attempt(task: str, *texts: str, number: int = 1) -> list[SerializableLogEvent]:
    return [
        LogStartEvent(name=task, attempt=number),
        *(LogLinesEvent(name=task, attempt=number, severity=Severity.INFO, lines=text) for text in texts),
        LogEndEvent(name=task, attempt=number),
    ]


def test_every_line_is_kept_in_order(kept: Kept) -> None:
    """Lines that come together and alone, of tasks that take turns (FM-77, FM-80, O-03)."""
    both = [attempt("a", *(f"a{n}\na{n}+" for n in range(50))), attempt("b", *(f"b{n}" for n in range(50)))]
    events = [event for pair in zip(*both, strict=True) for event in pair]
    events.insert(20, LogWriteEvent(name="b", severity=Severity.WARNING, message="alone"))

    notices = run(kept.logger, *events)

    assert kept.messages("a") == [line for n in range(50) for line in (f"a{n}", f"a{n}+")]
    assert [line for line in kept.messages("b") if line != "alone"] == [f"b{n}" for n in range(50)]
    assert kept.messages("b").count("alone") == 1
    assert notices == []


def test_a_hundred_thousand_lines_are_kept(kept: Kept) -> None:
    """None is lost and none is there twice (O-03)."""
    lines = [f"line-{number}" for number in range(100_000)]
    chunks = ["\n".join(lines[at : at + 2000]) for at in range(0, len(lines), 2000)]

    notices = run(kept.logger, *attempt("p", *chunks))

    assert kept.messages("p") == lines
    assert notices == []


def test_attempts_follow_each_other(kept: Kept) -> None:
    """What a second attempt says comes after what the first said (FM-78)."""
    run(kept.logger, *attempt("a", "first"), *attempt("a", "second", number=2))

    assert kept.messages("a") == ["first", "second"]


def test_silence_is_fine(kept: Kept) -> None:
    """A job in which nobody says anything."""
    assert run(kept.logger, *attempt("a"), *attempt("b")) == []
    assert kept.messages("a") == []


def test_no_escape_sequence_reaches_a_reader(kept: Kept) -> None:
    """What a person may look at holds no control characters (O-05)."""
    run(
        kept.logger,
        *attempt("a", EVIL, f"fine\n{EVIL}"),
        LogWriteEvent(name="a", severity=Severity.ERROR, message=EVIL),
    )

    if kept.shows_to_people:
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028]", kept.raw())
    assert sum("pwned" in message for message in kept.messages("a")) == 3


def test_a_line_cannot_be_forged(kept: Kept) -> None:
    """A message that looks like a record stands behind a prefix of its own (O-06)."""
    run(kept.logger, *attempt("a", "genuine"))
    forged = kept.raw().splitlines()[0].replace("genuine", "FORGED")
    run(kept.logger, LogWriteEvent(name="b", severity=Severity.INFO, message=f"start\n{forged}\r{forged}"))

    if kept.shows_to_people:
        assert forged not in kept.raw().splitlines()


@pytest.mark.parametrize("name", ["a/b", "..", "x" * 500, "größer 数", "nul\x00 \x1b[31m", " "])
def test_any_name_of_a_task_will_do(kept: Kept, name: str) -> None:
    """No name of a task breaks a logger (X-FM-11)."""
    assert run(kept.logger, *attempt(name, "hello")) == []
    assert "hello" in kept.raw()


def test_files_that_vanish_break_nothing(kept: Kept, tmp_path: Path) -> None:
    """The directory of the logs is deleted during the run (D-15)."""
    subscribers = Subscribers(
        {"it": kept.logger}, {}, job_name="nightly", loggers_interval_seconds=0, extensions_interval_seconds=0
    )

    async def scenario() -> None:
        await subscribers.open(False)
        for event in attempt("a", "before"):
            subscribers.hear(event)
        shutil.rmtree(tmp_path / "logs", ignore_errors=True)
        for event in attempt("b", "after"):
            subscribers.hear(event)
        await subscribers.close("failure")

    asyncio.run(scenario())

    assert kept.messages("b") == ["after"]
    assert subscribers.notices == []
