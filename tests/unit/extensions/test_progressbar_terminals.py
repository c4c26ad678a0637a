"""RichProgressBar: terminals of every size and kind, and none."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import sys
from dataclasses import replace

import pytest

from flowrun.attempt import Outcome
from flowrun.eventbus.progress import ProgressEvent
from flowrun.extensions.progressbar import RichProgressBar
from flowrun.terminal import ERASE_BELOW

from .screen import NIGHTLY, S, Screen, moved, shown

pytestmark = pytest.mark.usefixtures("terminal")


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


def test_signs_are_replaced_where_they_cannot_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of another encoding gets plain signs, no question marks."""
    _, everything = shown(monkeypatch, NIGHTLY, encoding="latin-1")

    assert "+ extract" in re.sub(r"\x1b\[[\d;]*m", "", everything).replace("\x1b[32m", "")
    assert "?" not in everything


def test_a_terminal_that_goes_away_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window is closed in the middle: nothing is raised (G10)."""
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as terminal, monkeypatch.context() as patch:
        patch.setattr(sys, "__stderr__", terminal)

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
