"""RichProgressBar: what runs and what has ended, on a terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowrun.attempt import Outcome, Reason
from flowrun.eventbus.execution import JobStopping, SerializableExecutionEvent
from flowrun.eventbus.progress import ProgressEvent
from flowrun.extensions.background import Background

from .screen import NIGHTLY, S, Screen, background, moved, shown

pytestmark = pytest.mark.usefixtures("terminal")


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
