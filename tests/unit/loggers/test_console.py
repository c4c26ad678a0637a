"""ConsoleLogger: lines with the name of their task."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal

import pytest

from flowrun.eventbus.log import LogLinesEvent, LogWriteEvent, Severity
from flowrun.loggers.console import ConsoleLogger

LINES = LogLinesEvent(name="load", severity=Severity.INFO, lines="one\ntwo")
EVIL = LogWriteEvent(name="ev\x1bil\n", severity=Severity.ERROR, message="\x1b[2J\x07gone\rover")


def log(logger: ConsoleLogger) -> None:
    async def scenario() -> None:
        await logger.on_create()
        await logger.update(LINES)
        await logger.update(EVIL)
        await logger.on_destroy()

    asyncio.run(scenario())


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_each_line_begins_with_the_name_of_its_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: Literal["stdout", "stderr"]
) -> None:
    """`TASK | line`, without colours and without control characters, on the chosen stream (O-05)."""
    with (tmp_path / "out").open("w") as out:
        monkeypatch.setattr(sys, f"__{stream}__", out)
        log(ConsoleLogger(stream=stream))

    assert (tmp_path / "out").read_text() == ("load | one\nload | two\nev\\x1bil  | \\x1b[2J\\x07gone\\rover\n")


def test_colours_can_be_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody reads a file with them, whatever the environment says."""
    monkeypatch.setenv("NO_COLOR", "1")
    with (tmp_path / "out").open("w") as out:
        monkeypatch.setattr(sys, "__stderr__", out)
        log(ConsoleLogger(color="always"))

    assert (tmp_path / "out").read_text().count("\x1b[0mone\n") == 1


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> str:
    """What reaches a terminal."""
    screen, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as out:
        monkeypatch.setattr(sys, "__stderr__", out)
        log(ConsoleLogger())
    found = b""
    with suppress(OSError):  # nobody writes to it any more
        while more := os.read(screen, 4096):
            found += more
    os.close(screen)
    return found.decode()


def test_on_a_terminal_tasks_have_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is coloured; what the task said still is not obeyed."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    found = on_terminal(monkeypatch)

    assert "mload | \x1b[0mone" in found
    assert "\\x1b[2J" in found
    assert "\x1b[2J" not in found


@pytest.mark.parametrize("setting", [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_refused(monkeypatch: pytest.MonkeyPatch, setting: tuple[str, str]) -> None:
    """NO_COLOR and a dumb terminal see none."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(*setting)

    assert "mload" not in on_terminal(monkeypatch)


@pytest.mark.parametrize("how", ["reader gone", "closed", "none"])
def test_a_stream_that_is_gone_is_no_error(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Nothing is raised when nobody listens (G10, O-01)."""
    reader, writer = os.pipe()
    os.close(reader)
    out = os.fdopen(writer, "w")
    if how == "closed":
        out.close()
    monkeypatch.setattr(sys, "__stderr__", None if how == "none" else out)

    log(ConsoleLogger())

    monkeypatch.undo()
    out.close()
