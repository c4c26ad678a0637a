"""RichProgressBar: what waits, and for what."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from flowrun.attempt import Outcome
from flowrun.eventbus.execution import ApprovalEvent, AttemptLookedFor, SerializableExecutionEvent

from .screen import START, S, Screen, background, moved, shown

pytestmark = pytest.mark.usefixtures("terminal")


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
