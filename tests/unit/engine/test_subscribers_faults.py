"""Subscribers: a part that raises, hangs or prints can neither break nor delay a job."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from .recorders import (
    BIG,
    Lossless,
    RecordingExtension,
    RecordingLogger,
    messages,
    moved,
    recording,
    run,
    said,
    said_lines,
    subscribers,
)

HOOKS = ("on_create", "update", "on_success", "on_destroy")


def raising(error: BaseException) -> Callable[[], None]:
    def do() -> None:
        raise error

    return do


@pytest.mark.parametrize(
    "error", [RuntimeError("planned"), SystemExit(0), KeyboardInterrupt(), asyncio.CancelledError()]
)
@pytest.mark.parametrize("hook", HOOKS)
def test_a_part_that_raises_is_cut_off_and_reported_once(hook: str, error: BaseException) -> None:
    """Whatever comes out of a hook is one notice that names the part; others hear everything (X-FM-11, X-02)."""
    bad, _ = recording(**{hook: raising(error)})
    good, recorder = recording()
    many = subscribers(bad, good)

    asyncio.run(run(many, *[said(str(number)) for number in range(20)]))

    assert len(many.notices) == 1
    assert many.notices[0].startswith(f"logger 'l0' (RecordingLogger) was cut off: {type(error).__name__}")
    assert many.notices[0].endswith(f"in {hook}")
    assert messages(recorder) == [str(number) for number in range(20)]


@pytest.mark.parametrize(
    ("hook", "calls"),
    [
        ("on_create", ["on_create"]),
        ("update", ["on_create", "update", "on_destroy"]),
        ("on_success", ["on_create", "update", "update", "on_success", "on_destroy"]),
    ],
)
def test_a_part_that_was_cut_off_is_still_destroyed(hook: str, calls: list[str]) -> None:
    """It hears nothing more, but on_destroy is called if on_create went well (X-02)."""
    part, recorder = recording(**{hook: raising(RuntimeError("planned"))})

    asyncio.run(run(subscribers(part), said("one"), said("two")))

    assert recorder.calls == calls


def test_an_error_that_cannot_be_shown_is_reported_all_the_same() -> None:
    """A message that raises while it is made is no harm."""

    class Unspeakable(Exception):
        def __str__(self) -> str:
            raise ValueError("no words")

    part, _ = recording(update=raising(Unspeakable()))
    many = subscribers(part)

    asyncio.run(run(many, said("one")))

    assert "Unspeakable" in many.notices[0]


@pytest.mark.parametrize("how", ["blocks", "awaits"])
@pytest.mark.parametrize("hook", HOOKS)
def test_a_part_that_hangs_is_left_behind(hook: str, how: str) -> None:
    """A call that does not return within the patience is given up and named; others hear everything (X-05)."""
    release = threading.Event()
    hang: Callable[[], Any] = release.wait if how == "blocks" else lambda: asyncio.Event().wait()
    bad, _ = recording(RecordingExtension if hook != "on_success" else RecordingLogger, **{hook: hang})
    good, recorder = recording()
    many = subscribers(bad, good, patience=0.2)

    asyncio.run(run(many, said("one"), moved(), said("two")))
    release.set()

    assert [notice for notice in many.notices if f"was cut off: {hook} did not return within 0.2 s" in notice]
    assert len(many.notices) == 1
    assert messages(recorder) == ["one", "two"]


def test_a_blocked_part_delays_nobody_while_the_job_runs() -> None:
    """While one logger blocks, another hears (X-02, G10)."""
    release = threading.Event()
    blocked, _ = recording(update=lambda: release.wait() and None)
    free, recorder = recording()

    async def scenario() -> None:
        many = subscribers(blocked, free)
        await many.open(False)
        for number in range(3):
            many.hear(said(str(number)))
            await recorder.heard()
        release.set()
        await many.close("success")

    asyncio.run(scenario())

    assert messages(recorder) == ["0", "1", "2"]


@pytest.mark.parametrize("failing", ["raises", "hangs"])
def test_nobody_waits_for_room_in_a_part_that_was_cut_off(failing: str) -> None:
    """A lossless logger that fails or hangs does not hold up the tasks for ever (G10)."""
    release = threading.Event()

    def fail() -> None:
        release.wait()
        raise RuntimeError("planned")

    part, _ = recording(Lossless, update=fail)
    many = subscribers(part, patience=0.2)

    async def scenario() -> bool:
        await many.open(False)
        for _ in range(4):
            many.hear(said_lines(BIG))
        if failing == "raises":
            release.set()
        await many.wait_for_room()
        is_full = many.is_full
        await many.close("success")
        return is_full

    assert not asyncio.run(scenario())
    release.set()
    assert len(many.notices) == 1


@pytest.mark.parametrize("error", [RuntimeError("planned"), SystemExit(3)])
def test_a_failure_in_a_task_that_a_part_started_is_reported(error: BaseException) -> None:
    """What a part starts in its own event loop may fail without harm; the part goes on."""

    async def fail() -> None:
        raise error

    def start() -> None:
        failing = asyncio.get_running_loop().create_task(fail())
        del failing

    part, recorder = recording(on_create=start)
    many = subscribers(part)

    asyncio.run(run(many, said("one")))

    assert messages(recorder) == ["one"]
    assert many.notices == [f"logger 'l0' (RecordingLogger): {type(error).__name__}: {error} in a task of its own"]


def test_what_a_part_leaves_running_ends_with_the_job() -> None:
    """Tasks that a part started are cancelled after on_destroy."""
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    tasks: list[asyncio.Task[None]] = []
    part, _ = recording(on_create=lambda: tasks.append(asyncio.get_running_loop().create_task(forever())))
    many = subscribers(part)

    asyncio.run(run(many, said("one"), said("two")))

    assert ended == ["ended"]
    assert many.notices == []


def test_a_part_that_prints_harms_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    """Output of a plugin of one's own is only output (X-02)."""
    part, _ = recording(update=lambda: print("a logger that prints", file=sys.stdout))
    many = subscribers(part)

    asyncio.run(run(many, said("one")))

    assert many.notices == []
    assert "a logger that prints" in capsys.readouterr().out
