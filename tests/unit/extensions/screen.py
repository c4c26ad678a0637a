"""A terminal of the test, and what a bar shows on it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import struct
import sys
import termios
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from flowrun.attempt import Outcome
from flowrun.eventbus.execution import ExecutionState, ExecutionStateTransition, SerializableExecutionEvent
from flowrun.extensions.background import Background
from flowrun.extensions.progressbar import RichProgressBar
from flowrun.jobdefinition.task_definition import TaskDefinition

S = ExecutionState
START = datetime(2026, 11, 21, 13, 0, 0, tzinfo=UTC)


class Screen:
    """As much of a terminal as the block needs: text, line ends, cursor up, erase below; colours are passed over."""

    _CONTROL = re.compile(r"\x1b\[(\d*)([A-Za-z])|\x1b\[[\d;]*m|(.)", re.DOTALL)

    def __init__(self, text: str) -> None:
        self.lines = [""]
        row = column = 0
        for match in self._CONTROL.finditer(text):
            number, command, character = match.groups()
            if command == "A":
                row = max(0, row - int(number or 1))
            elif command == "J":
                self.lines = [*self.lines[:row], self.lines[row][:column]]
            elif character == "\r":
                column = 0
            elif character == "\n":
                row += 1
                self.lines += [""] * (row + 1 - len(self.lines))
            elif character is not None:
                line = self.lines[row].ljust(column)
                self.lines[row] = line[:column] + character + line[column + 1 :]
                column += 1


def moved(
    name: str,
    *states: ExecutionState,
    attempt: int = 1,
    outcome: Outcome | None = None,
    seconds: int = 0,
    pause_seconds: float = 0.0,
) -> list[ExecutionStateTransition]:
    """The task goes through these states, a second for each move, the first of them so many seconds after the start."""
    return [
        ExecutionStateTransition(
            name=name,
            from_state=one,
            to_state=other,
            attempt=attempt,
            outcome=outcome,
            pause_seconds=pause_seconds,
            timestamp=START + timedelta(seconds=seconds + number),
        )
        for number, (one, other) in enumerate(pairwise(states))
    ]


def background(
    dependencies: dict[str, tuple[str, ...]],
    pools: dict[str, int] | None = None,
    log_of: Callable[[str], Path | None] = lambda _task: None,
    **tasks: dict[str, object],
) -> Background:
    """What the job file says of these tasks."""
    dependents: dict[str, list[str]] = {}
    for name, named in dependencies.items():
        for one in named:
            dependents.setdefault(one, []).append(name)
    definitions = {name: TaskDefinition.model_validate({"task": "T", **tasks.get(name, {})}) for name in dependencies}
    return Background(definitions, dependencies, dependents, pools or {}, log_of)


def shown(
    monkeypatch: pytest.MonkeyPatch,
    transitions: Sequence[SerializableExecutionEvent],
    *,
    rows: int = 24,
    columns: int = 80,
    known: Background | None = None,
    keys: str = "",
    encoding: str = "utf-8",
    meanwhile: Callable[[int], object] = lambda terminal: None,
) -> tuple[str, str]:
    """What a terminal of this size has received, while the job runs and to its end."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    received: list[bytes] = []

    def receive() -> None:
        try:
            while data := os.read(master, 65536):
                received.append(data)
        except OSError:  # the other end is closed
            return

    reader = threading.Thread(target=receive)
    reader.start()
    with os.fdopen(slave, "w", encoding=encoding) as terminal, monkeypatch.context() as patch:
        patch.setattr(sys, "__stderr__", terminal)

        async def scenario() -> None:
            bar = RichProgressBar()
            bar.study(known or Background())
            await bar.on_create()
            for transition in transitions:
                await bar.update(transition)
            for key in keys:
                bar.pressed(key)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            meanwhile(terminal.fileno())
            termios.tcdrain(terminal.fileno())
            os.write(terminal.fileno(), b"\x00")
            await bar.on_success()
            await bar.on_destroy()

        asyncio.run(scenario())
    reader.join(10)
    os.close(master)
    text = b"".join(received).decode(encoding).replace("\r\n", "\n")
    first, _, rest = text.partition("\x00")
    return first, first + rest


NIGHTLY = [
    *[
        each
        for name in ("extract", "load", "transform", "publish", "report")
        for each in moved(name, S.INIT, S.PENDING)
    ],
    *moved("extract", S.PENDING, S.RUNNING, S.COMPLETED),
    *moved(
        "transform",
        S.PENDING,
        S.RUNNING,
        S.PENDING,
        outcome=Outcome.failed("ValueError: no rows").but(error_types=("ValueError", "Exception")),
    ),
    *moved("transform", S.PENDING, S.RUNNING, S.COMPLETED, attempt=2, seconds=3),
    *moved("report", S.PENDING, S.SKIP),
    *moved("load", S.PENDING, S.RUNNING),
]
