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
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from flowrun.attempt import Outcome, Reason
from flowrun.eventbus.execution import (
    ApprovalEvent,
    AttemptLookedFor,
    ExecutionState,
    ExecutionStateTransition,
    ItemsFound,
    JobStopping,
    SerializableExecutionEvent,
)
from flowrun.eventbus.progress import ProgressEvent
from flowrun.extensions.background import Background
from flowrun.extensions.progressbar import RichProgressBar
from flowrun.jobdefinition.model import TaskDefinition
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
    during = 0
    with os.fdopen(slave, "w", encoding=encoding) as terminal:
        monkeypatch.setattr(sys, "__stderr__", terminal)

        async def scenario() -> None:
            nonlocal during
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
        monkeypatch.undo()
    reader.join(10)
    os.close(master)
    text = b"".join(received).decode(encoding).replace("\r\n", "\n")
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


def test_running_tasks_stand_below_those_that_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ended tasks are lines of the scrollback; below them running ones and the counts (FM-82)."""
    during, _ = shown(monkeypatch, NIGHTLY)

    lines = Screen(during).lines
    assert [" ".join(line.split()) for line in lines[:3]] == [
        "✓ extract 1.0s",
        "✓ transform 4.0s attempt 2 (ValueError, waited 2.0s)",
        "– report skipped",
    ]
    assert set(lines[3].strip()) == {"─"}
    assert lines[4].split()[:2] == ["●", "load"]
    assert lines[5].strip() == "3 done · 1 running · 1 waiting"
    assert len(lines) == 6


def test_at_the_end_only_the_scrollback_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """The block is taken away when the job is over."""
    _, everything = shown(monkeypatch, NIGHTLY)

    lines = Screen(everything).lines
    assert len(lines) == 4
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


def test_running_tasks_show_how_far_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar where the total is known, a number where it is not, nothing for a task that says nothing. CF-19"""
    names = ("load", "count", "quiet", "again")
    events: list[SerializableExecutionEvent] = [one for name in names for one in moved(name, S.PENDING, S.RUNNING)]
    events += [
        ProgressEvent(name="load", done=1, total=100),
        ProgressEvent(name="load", done=71, total=100, message="rows\x1b[2J"),
        ProgressEvent(name="count", done=1204, message="rows"),
        ProgressEvent(name="unknown", done=1),
        ProgressEvent(name="again", done=9, total=9),
        *moved("again", S.RUNNING, S.PENDING, S.RUNNING),
    ]

    during, everything = shown(monkeypatch, events, known=Background())

    load, count, quiet, again = (re.sub(r" +\d+:[\d:]+", "", line).strip() for line in Screen(during).lines[1:-1])
    assert load == "● load   ▕███████▊   ▏ 71%   rows\\x1b[2J"
    assert count == "● count   1,204 rows"
    assert (quiet, again.split()[:2]) == ("● quiet", ["●", "again"])
    assert "▕" not in again
    assert "\x1b[2J" not in everything


def test_a_task_with_items_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar counts every item that has ended, however it did. CF-19"""
    events: list[SerializableExecutionEvent] = [
        *moved("load", S.PENDING, S.RUNNING),
        ItemsFound(name="load", items=4),
        *moved("load[a]", S.PENDING, S.RUNNING, S.COMPLETED),
        *moved("load[b]", S.PENDING, S.RUNNING, S.FAILED, outcome=Outcome.failed("bad")),
    ]

    during, _ = shown(monkeypatch, events)

    assert any("▕█████▌     ▏ 50%   2 of 4, 1 failed" in line for line in Screen(during).lines)


def test_a_bar_needs_no_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that has only the letters of its language draws it with them."""
    events = [*moved("load", S.PENDING, S.RUNNING), ProgressEvent(name="load", done=71, total=100)]

    during, _ = shown(monkeypatch, events, encoding="ascii")

    assert "[#######-   ] 71%" in during


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

    _, everything = shown(monkeypatch, events, columns=200)

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
    assert lines[3] == "load | hello"
    assert "─" not in "".join(lines)


def test_colours_can_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR the block is drawn without them."""
    monkeypatch.setenv("NO_COLOR", "1")

    during, _ = shown(monkeypatch, NIGHTLY)

    assert "✓ extract" in during
    assert not re.search(r"\x1b\[[\d;]*m", during)


def test_a_dumb_terminal_gets_a_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the cursor cannot be moved nothing is drawn."""
    monkeypatch.setenv("TERM", "dumb")

    during, everything = shown(monkeypatch, NIGHTLY)

    assert during == ""
    assert "\x1b" not in everything


@pytest.mark.parametrize(
    ("hook", "said"), [("on_success", "completed in"), ("on_failure", "failed in"), ("on_abort", "was stopped in")]
)
def test_without_a_terminal_it_sums_up(capfd: pytest.CaptureFixture[str], hook: str, said: str) -> None:
    """In a pipe or a file there is one plain line at the end (FM-82)."""

    async def scenario() -> None:
        bar = RichProgressBar()
        await bar.on_create()
        for transition in NIGHTLY:
            await bar.update(replace(transition, job_name="night\x1bly"))
        await getattr(bar, hook)()
        await bar.on_destroy()

    asyncio.run(scenario())

    assert capfd.readouterr() == ("", f"night\\x1bly {said} 0.0s: 2 completed, 1 skipped\n")


def test_what_waits_says_for_what(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks whose turn is near: not those that wait for them, and not for what has completed."""
    known = background({"a": (), "b": (), "c": ("a", "b"), "d": ("c",)})
    during, _ = shown(
        monkeypatch,
        [
            *[each for name in "cd" for each in moved(name, S.INIT, S.PENDING)],
            *moved("a", S.INIT, S.PENDING, S.RUNNING, S.COMPLETED),
            *moved("b", S.INIT, S.PENDING, S.RUNNING),
        ],
        known=known,
    )

    lines = [" ".join(line.split()) for line in Screen(during).lines]
    assert lines[3:] == ["○ c waits for b", "1 done · 1 running · 2 waiting"]


def test_a_full_pool_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside those that hold it, and those that wait for it."""
    pool = {"pool": "warehouse"}
    known = background({"a": (), "b": (), "c": ()}, {"warehouse": 1}, a=pool, b=pool)
    during, _ = shown(
        monkeypatch,
        [*moved("a", S.INIT, S.PENDING, S.RUNNING), *moved("b", S.INIT, S.PENDING), *moved("c", S.INIT, S.PENDING)],
        known=known,
    )

    _rule, running, waiting, _counts = Screen(during).lines
    assert running.endswith("pool warehouse 1/1")
    assert waiting.split() == ["○", "b", "waits", "for", "pool", "warehouse", "1/1"]


def found(name: str, items: int, kept: int = 0) -> ItemsFound:
    return ItemsFound(name=name, items=items, kept=kept, timestamp=START)


def test_items_stand_in_the_line_of_their_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many have ended, how many failed, and the slots that they hold; they are counted, their task is not."""
    known = background({"load": (), "report": ("load",)}, {"p": 2}, load={"pool": "p", "foreach": [1, 2, 3, 4]})
    during, _ = shown(
        monkeypatch,
        [
            *[each for name in ("load", "report") for each in moved(name, S.INIT, S.PENDING)],
            *moved("load", S.PENDING, S.RUNNING),
            found("load", 4, kept=1),
            *moved("load[eu]", S.PENDING, S.RUNNING),
            *moved("load[us]", S.PENDING, S.RUNNING, S.FAILED),
        ],
        known=known,
    )

    done, _rule, load, *rest = (" ".join(line.split()) for line in Screen(during).lines)
    assert done.startswith("✗ load[us]")
    assert load.startswith("● load ")
    assert load.endswith("2 of 4, 1 failed pool p 1/2")
    assert rest == ["○ report waits for load", "1 done · 1 failed · 1 running · 2 waiting"]


def test_an_attempt_that_went_on_without_its_run_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is known what became of it, that is said; of one that was found, that in place of its time."""
    sought = [
        replace(move, may_be_under_way=True)
        for name in ("load", "send")
        for move in moved(name, S.PENDING, S.RUNNING, seconds=0)
    ]
    search = AttemptLookedFor(name="load", attempt=1, found="under way", timestamp=START)
    during, _ = shown(monkeypatch, [*sought, search], known=background({"load": (), "send": ()}))
    _, everything = shown(monkeypatch, [*sought, search, *moved("load", S.RUNNING, S.COMPLETED)])

    news, _rule, load, send, _counts = (" ".join(line.split()) for line in Screen(during).lines)
    assert news == "? load found again, it went on (attempt 1)"
    assert load.endswith("found again, it went on")
    assert send.endswith("looked for: it may still be under way")
    assert " ".join(Screen(everything).lines[1].split()) == "✓ load found again, it went on"


def test_of_many_items_only_those_that_fail_have_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred of them do not push everything else away; the first that failed are named."""
    items = [f"load[{number}]" for number in range(100)]
    transitions = [each for name in items[:60] for each in moved(name, S.PENDING, S.RUNNING, S.COMPLETED)]
    transitions += [each for name in items[60:] for each in moved(name, S.PENDING, S.RUNNING, S.FAILED)]
    _, everything = shown(
        monkeypatch,
        [*moved("load", S.PENDING, S.RUNNING), found("load", 100), *transitions, *moved("load", S.RUNNING, S.FAILED)],
        known=background({"load": ()}, load={"foreach": [1]}),
    )

    lines = [" ".join(line.split()) for line in Screen(everything).lines if line.strip()]
    assert len(lines) == 21
    assert all(line.startswith("✗ load[") for line in lines[:-1])
    assert lines[-1].startswith("✗ load ")


def test_groups_are_told_of_and_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """They do not run; one that is left out or held back stands for its members."""
    known = Background(
        {
            "etl": TaskDefinition.model_validate({"serial": {}}),
            "etl/a": TaskDefinition.model_validate({"task": "T"}),
            "old": TaskDefinition.model_validate({"parallel": {}}),
            "old/b": TaskDefinition.model_validate({"task": "T"}),
        }
    )
    skipped = Outcome.failed("when `vars.full` is false", Reason.NOT_STARTED)
    during, _ = shown(
        monkeypatch,
        [
            *[each for name in known.tasks for each in moved(name, S.INIT, S.PENDING)],
            *moved("old", S.PENDING, S.SKIP, outcome=skipped),
            *moved("old/b", S.PENDING, S.SKIP, outcome=Outcome.failed("'old' is left out", Reason.NOT_STARTED)),
            *moved("etl", S.PENDING, S.RUNNING, attempt=0),
            *moved("etl/a", S.PENDING, S.RUNNING),
        ],
        known=known,
    )

    old, _rule, running, counts = (" ".join(line.split()) for line in Screen(during).lines)
    assert old == "– old skipped: when `vars.full` is false"
    assert running.startswith("● etl/a ")
    assert counts == "1 done · 1 running"


def test_a_pause_before_another_try_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which try comes next, when, and what went wrong; it is not counted among those that wait."""
    now = datetime.now(UTC)
    failed = replace(
        moved("a", S.RUNNING, S.PENDING, outcome=Outcome.failed("ValueError: no rows"), pause_seconds=60)[0],
        timestamp=now,
    )
    during, _ = shown(
        monkeypatch,
        [*moved("a", S.INIT, S.PENDING, S.RUNNING), failed],
        known=background({"a": ()}, a={"max_attempts": 3}),
    )

    _rule, pause, counts = (" ".join(line.split()) for line in Screen(during).lines)
    assert re.fullmatch(r"↻ a retry 2/3 in (60|59|5\d) s ValueError: no rows", pause)
    assert counts == "1 retrying"


def test_attempts_are_counted_as_the_ending_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a run that is continued their numbers go on, but `max_attempts` counts from one again."""
    _, everything = shown(
        monkeypatch,
        [
            *moved("a", S.PENDING, S.RUNNING, S.PENDING, attempt=4, outcome=Outcome.failed("x")),
            *moved("a", S.PENDING, S.RUNNING, S.COMPLETED, attempt=5),
        ],
        known=background({"a": ()}, a={"max_attempts": 3}),
    )

    assert "attempt 2 of 3" in everything


@pytest.mark.parametrize(
    ("grace_seconds", "said"),
    [(60.0, "stopping: 1 task, 60 s left; press Ctrl-C again to kill at once"), (0.0, "killing 1 task")],
)
def test_a_stop_is_seen_to_be_heard(monkeypatch: pytest.MonkeyPatch, grace_seconds: float, said: str) -> None:
    """As long as something runs."""
    stop = JobStopping(why="stopped", running=1, grace_seconds=grace_seconds)

    during, everything = shown(monkeypatch, [*moved("a", S.INIT, S.PENDING, S.RUNNING), stop])

    assert [line.strip() for line in Screen(during).lines][-2:] == [said, "1 running"]
    assert said not in "".join(Screen(everything).lines)


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_long_messages_are_broken_between_words(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """No line of the scrollback is wider than the terminal, and no word is torn."""
    message = "duplicate key value violates unique constraint orders_pkey and nothing was written to the warehouse"
    _, everything = shown(
        monkeypatch,
        moved("load", S.INIT, S.PENDING, S.RUNNING, S.FAILED, outcome=Outcome.failed(message)),
        columns=columns,
    )

    lines = re.sub(r"\x1b\[[\d;]*[A-Za-z]", "", everything).replace("\r", "").splitlines()
    assert all(len(line) < columns for line in lines)
    assert f"failed: {message}" in " ".join(" ".join(lines).split())


def test_keys_are_answered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Help, and the last lines of the running tasks."""
    log = tmp_path / "a.log"
    log.write_text("".join(f"line {number}\n" for number in range(9)))
    known = background({"a": (), "b": ()}, log_of={"a": log, "b": None}.get)
    running = [each for name in "ab" for each in moved(name, S.INIT, S.PENDING, S.RUNNING)]

    _, everything = shown(monkeypatch, running, known=known, keys="?lx")

    lines = [" ".join(line.split()) for line in Screen(everything.replace("\x00", "")).lines]
    assert lines[0].startswith("keys: l ")
    assert lines[1:8] == ["● a", *(f"| line {number}" for number in range(4, 9)), "● b has said nothing yet"]


def test_signs_are_replaced_where_they_cannot_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of another encoding gets plain signs, no question marks."""
    _, everything = shown(monkeypatch, NIGHTLY, encoding="latin-1")

    assert "+ extract" in re.sub(r"\x1b\[[\d;]*m", "", everything).replace("\x1b[32m", "")
    assert "?" not in everything


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


def test_what_waits_for_a_person_stands_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line above the block names the command; the answer takes the task out of the block."""
    asked = ApprovalEvent(name="publish", run="7f3a", question="Publish?", since="", timestamp=START)
    events = [*moved("load", S.PENDING, S.RUNNING), *moved("publish", S.INIT, S.PENDING), asked]

    def lines_of(*events: SerializableExecutionEvent) -> list[str]:
        during, _ = shown(monkeypatch, events, columns=100)
        return [line.strip() for line in Screen(during).lines if line.strip()]

    told, rule, first, second, *_ = lines_of(*events)
    answered = lines_of(*events, replace(asked, answer="approved", by="anna", comment="go"))

    assert told == "⏸ publish  waits for approval: Publish?   flowrun approve 7f3a publish"
    assert set(rule) == {"─"}
    assert (first, second[:6]) == ("⏸ publish  waits for approval: Publish?", "● load")
    assert answered[1] == "⏸ publish  approved by anna: go"
    assert first not in answered
