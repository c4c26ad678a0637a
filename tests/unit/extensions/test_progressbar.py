"""RichProgressBar: on a terminal, and only there."""

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

import pytest

from flowrun.attempt import Outcome, Reason
from flowrun.eventbus.execution import ExecutionState, ExecutionStateTransition
from flowrun.extensions.progressbar import RichProgressBar
from flowrun.terminal import ERASE_BELOW

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
    name: str, *states: ExecutionState, attempt: int = 1, outcome: Outcome | None = None
) -> list[ExecutionStateTransition]:
    """The task goes through these states, a second for each move."""
    return [
        ExecutionStateTransition(
            name=name,
            from_state=one,
            to_state=other,
            attempt=attempt,
            outcome=outcome,
            timestamp=START + timedelta(seconds=number),
        )
        for number, (one, other) in enumerate(pairwise(states))
    ]


def shown(
    monkeypatch: pytest.MonkeyPatch,
    transitions: Sequence[ExecutionStateTransition],
    *,
    rows: int = 24,
    columns: int = 80,
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
    during = 0
    with os.fdopen(slave, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "__stderr__", terminal)

        async def scenario() -> None:
            nonlocal during
            bar = RichProgressBar()
            await bar.on_create()
            for transition in transitions:
                await bar.update(transition)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            meanwhile(terminal.fileno())
            termios.tcdrain(terminal.fileno())
            os.write(terminal.fileno(), b"\x00")
            await bar.on_success()
            await bar.on_destroy()

        asyncio.run(scenario())
        monkeypatch.undo()
    reader.join(10)
    os.close(master)
    text = b"".join(received).decode().replace("\r\n", "\n")
    first, _, rest = text.partition("\x00")
    return first, first + rest


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


NIGHTLY = [
    *[
        each
        for name in ("extract", "load", "transform", "publish", "report")
        for each in moved(name, S.INIT, S.PENDING)
    ],
    *moved("extract", S.PENDING, S.RUNNING, S.COMPLETED),
    *moved("transform", S.PENDING, S.RUNNING, S.PENDING, outcome=Outcome.failed("ValueError: no rows")),
    *moved("transform", S.PENDING, S.RUNNING, S.COMPLETED, attempt=2),
    *moved("report", S.PENDING, S.SKIP),
    *moved("load", S.PENDING, S.RUNNING),
]


def test_running_tasks_stand_below_those_that_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ended tasks are lines of the scrollback; below them running ones and the counts (FM-82)."""
    during, _ = shown(monkeypatch, NIGHTLY)

    lines = Screen(during).lines
    assert [" ".join(line.split()) for line in lines[:4]] == [
        "✓ extract 1.0s",
        "↻ transform attempt 1 failed: ValueError: no rows; trying again",
        "✓ transform 1.0s attempt 2",
        "– report skipped",
    ]
    assert set(lines[4].strip()) == {"─"}
    assert lines[5].split()[:2] == ["●", "load"]
    assert lines[6].strip() == "3 done · 1 running · 1 waiting"
    assert len(lines) == 7


def test_at_the_end_only_the_scrollback_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """The block is taken away when the job is over."""
    _, everything = shown(monkeypatch, NIGHTLY)

    lines = Screen(everything).lines
    assert len(lines) == 5
    assert lines[-1] == ""
    assert "─" not in "".join(lines)


def test_failures_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed, a blocked and a stopped task have a line with a reason."""
    _, everything = shown(
        monkeypatch,
        [
            *moved("a", S.INIT, S.PENDING, S.RUNNING, S.FAILED, outcome=Outcome.failed("disk full")),
            *moved("b", S.INIT, S.PENDING, S.DEFAULTED, outcome=Outcome(Reason.NOT_STARTED, "a did not complete")),
            *moved("c", S.INIT, S.PENDING, S.RUNNING, S.ABORTED),
        ],
    )

    assert [" ".join(line.split()) for line in Screen(everything).lines] == [
        "✗ a 1.0s failed: disk full",
        "⊘ b blocked: a did not complete",
        "⊘ c 1.0s stopped",
        "",
    ]


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 8, 24])
def test_the_block_fits_on_the_terminal(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Never more than eight lines, and fewer on a low terminal; the rest is counted."""
    during, _ = shown(
        monkeypatch, [each for n in range(50) for each in moved(f"t{n}", S.INIT, S.PENDING, S.RUNNING)], rows=rows
    )

    lines = Screen(during).lines
    assert len(lines) <= max(1, min(8, rows))
    assert lines[-1].strip() == "50 running"
    if len(lines) == 8:
        assert lines[-2].strip() == "and 45 more running"


@pytest.mark.parametrize("columns", [24, 30, 40, 60, 200])
def test_the_clock_is_seen_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """Long names give way to it, above the block and in it."""
    name = "load-the-orders-of-all-the-regions-into-the-warehouse"
    during, _ = shown(
        monkeypatch,
        [*moved("b" + name, S.INIT, S.PENDING, S.RUNNING, S.COMPLETED), *moved(name, S.INIT, S.PENDING, S.RUNNING)],
        columns=columns,
    )

    finished, rule, running, _counts = (line.strip() for line in Screen(during).lines)
    assert finished.endswith(" 1.0s")
    assert set(rule) == {"─"}
    assert re.search(r"… +\d[\d:]+$", running)
    assert max(len(finished), len(running)) < columns


def test_names_of_wide_characters_stand_in_the_same_column(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a character takes two columns."""
    during, _ = shown(
        monkeypatch,
        [each for name in ("日本語", "東京-load", "load") for each in moved(name, S.INIT, S.PENDING, S.RUNNING)],
    )

    _rule, *running, _counts = (line.strip() for line in Screen(during).lines)
    before_clock = [re.split(r"\d+:", line)[0] for line in running]
    assert [len(text) + sum(one > "\u3000" for one in text) for text in before_clock] == [13] * 3


def test_names_and_messages_are_not_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control characters are written out, markup stays text, long names are cut (O-05)."""
    names = ["\x1b]0;pwned\x07", "[bold red]x[/]", "n" * 300, "two\nlines"]
    events = [each for name in names for each in moved(name, S.INIT, S.PENDING, S.RUNNING)]
    events += moved("bad", S.INIT, S.PENDING, S.RUNNING, S.FAILED, outcome=Outcome.failed("\x1b[2J[/bold]\nsecond"))

    _, everything = shown(monkeypatch, events)

    assert "\x1b]0" not in everything
    assert "\x1b[2J" not in everything
    assert "\\x1b]0;pwned\\x07" in everything
    assert "[bold red]x[/]" in everything
    assert "failed: \\x1b[2J[/bold] second" in everything
    assert "n" * 41 not in everything


def test_whoever_else_writes_does_not_disturb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of others, written after what takes the block away, stay whole."""
    _, everything = shown(
        monkeypatch,
        NIGHTLY,
        meanwhile=lambda terminal: os.write(terminal, f"{ERASE_BELOW}load | hello\n".encode()),
    )

    lines = Screen(everything.replace("\x00", "")).lines
    assert lines[4] == "load | hello"
    assert "─" not in "".join(lines)


def test_colours_can_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR the block is drawn without them."""
    monkeypatch.setenv("NO_COLOR", "1")

    during, _ = shown(monkeypatch, NIGHTLY)

    assert "✓ extract" in during
    assert not re.search(r"\x1b\[[\d;]*m", during)


def test_a_dumb_terminal_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the cursor cannot be moved nothing is drawn."""
    monkeypatch.setenv("TERM", "dumb")

    assert shown(monkeypatch, NIGHTLY) == ("", "")


def test_without_a_terminal_it_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """In a pipe or a file it is silent (FM-82)."""

    async def scenario() -> None:
        bar = RichProgressBar()
        await bar.on_create()
        for transition in NIGHTLY:
            await bar.update(transition)
        await bar.on_destroy()

    asyncio.run(scenario())

    assert capfd.readouterr() == ("", "")


def test_a_terminal_that_goes_away_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window is closed in the middle: nothing is raised (G10)."""
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as terminal:
        monkeypatch.setattr(sys, "__stderr__", terminal)

        async def scenario() -> RichProgressBar:
            bar = RichProgressBar()
            await bar.on_create()
            os.close(master)
            for transition in NIGHTLY:
                await bar.update(transition)
            await asyncio.sleep(0)
            await bar.on_destroy()
            return bar

        assert asyncio.run(scenario())
        monkeypatch.undo()
