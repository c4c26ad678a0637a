"""Subscribers: loggers and extensions are opened, fed and closed, and can neither break nor delay a job."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

import pytest
from pydantic import PrivateAttr

from flowrun.engine.subscribers import Subscribers
from flowrun.eventbus.event import SerializableEvent
from flowrun.eventbus.execution import ExecutionState, ExecutionStateTransition, SerializableExecutionEvent
from flowrun.eventbus.log import (
    LogEndEvent,
    LogLinesEvent,
    LogStartEvent,
    LogWriteEvent,
    SerializableLogEvent,
    Severity,
)
from flowrun.extensions.extension import Extension
from flowrun.loggers.logger import Logger

HOOKS = ("on_create", "update", "on_success", "on_destroy")
BIG = "x" * (30 << 20)


class Recorder:
    """Notes what was called, in order; `do` is what each call does besides."""

    def __init__(self, do: Mapping[str, Callable[[], Any]] | None = None) -> None:
        self.calls: list[str] = []
        self.events: list[SerializableEvent] = []
        self.has_heard = threading.Event()
        self._do = do or {}

    async def note(self, call: str, event: SerializableEvent | None = None) -> None:
        self.calls.append(call)
        if event is not None:
            self.events.append(event)
            self.has_heard.set()
        waiting = self._do.get(call, lambda: None)()
        if waiting is not None:
            await waiting

    async def heard(self) -> None:
        """Wait until another event has come."""
        assert await asyncio.to_thread(self.has_heard.wait, 30)
        self.has_heard.clear()


class RecordingLogger(Logger):
    _recorder: Recorder = PrivateAttr(default_factory=Recorder)

    async def update(self, evt: SerializableLogEvent) -> None:
        await self._recorder.note("update", evt)

    async def on_create(self) -> None:
        await self._recorder.note("on_create")

    async def on_restart(self) -> None:
        await self._recorder.note("on_restart")

    async def on_success(self) -> None:
        await self._recorder.note("on_success")

    async def on_failure(self) -> None:
        await self._recorder.note("on_failure")

    async def on_abort(self) -> None:
        await self._recorder.note("on_abort")

    async def on_destroy(self) -> None:
        await self._recorder.note("on_destroy")


class LineTaker(RecordingLogger):
    takes_lines: ClassVar[bool] = True


class Lossless(LineTaker):
    is_lossless: ClassVar[bool] = True


class RecordingExtension(Extension):
    _recorder: Recorder = PrivateAttr(default_factory=Recorder)

    async def update(self, e: SerializableExecutionEvent) -> None:
        await self._recorder.note("update", e)

    async def on_create(self) -> None:
        await self._recorder.note("on_create")

    async def on_destroy(self) -> None:
        await self._recorder.note("on_destroy")


def recording(cls: type[Any] = RecordingLogger, /, **do: Callable[[], Any]) -> tuple[Any, Recorder]:
    part = cls()
    part._recorder = Recorder(do)
    return part, part._recorder


def subscribers(*parts: Logger | Extension, interval: float = 0.0, patience: float = 30.0) -> Subscribers:
    return Subscribers(
        {f"l{number}": part for number, part in enumerate(parts) if isinstance(part, Logger)},
        {f"e{number}": part for number, part in enumerate(parts) if isinstance(part, Extension)},
        job_name="nightly",
        loggers_interval_seconds=interval,
        extensions_interval_seconds=0.0,
        patience_seconds=patience,
    )


def said(message: str, task: str = "load") -> LogWriteEvent:
    return LogWriteEvent(name=task, severity=Severity.INFO, message=message)


def said_lines(lines: str) -> LogLinesEvent:
    return LogLinesEvent(name="load", severity=Severity.INFO, lines=lines)


def moved(to: ExecutionState = ExecutionState.RUNNING) -> ExecutionStateTransition:
    return ExecutionStateTransition(name="load", from_state=ExecutionState.PENDING, to_state=to)


def messages(recorder: Recorder) -> list[str]:
    return [event.message for event in recorder.events if isinstance(event, LogWriteEvent)]


async def run(
    many: Subscribers,
    *events: SerializableEvent,
    ending: Literal["success", "failure", "abort"] = "success",
    is_restart: bool = False,
) -> None:
    await many.open(is_restart)
    for event in events:
        many.hear(event)
    await many.close(ending)


@pytest.mark.parametrize("ending", ["success", "failure", "abort"])
def test_the_hooks_of_a_part_come_in_order(ending: Literal["success", "failure", "abort"]) -> None:
    """on_create, every event, then the hook of the ending and on_destroy (FM-65, X-FM-06, X-01)."""
    part, recorder = recording()

    asyncio.run(run(subscribers(part), said("one"), said("two"), ending=ending))

    assert recorder.calls == ["on_create", "update", "update", f"on_{ending}", "on_destroy"]


def test_a_restart_is_told_after_on_create() -> None:
    """In a restart on_restart follows on_create (FM-65)."""
    part, recorder = recording()

    asyncio.run(run(subscribers(part), is_restart=True))

    assert recorder.calls == ["on_create", "on_restart", "on_success", "on_destroy"]


def test_extensions_are_created_before_loggers() -> None:
    """The order of creation is extensions, loggers (FM-65)."""
    order: list[str] = []
    logger, _ = recording(on_create=lambda: order.append("logger"))
    extension, _ = recording(RecordingExtension, on_create=lambda: order.append("extension"))

    asyncio.run(run(subscribers(logger, extension)))

    assert order == ["extension", "logger"]


def test_every_logger_hears_every_log_event_once() -> None:
    """Two loggers hear start, lines and end, in order (FM-77, FM-80)."""
    one, first = recording()
    other, second = recording()
    events = (LogStartEvent(name="load"), said("one"), LogEndEvent(name="load"))

    asyncio.run(run(subscribers(one, other), *events, moved()))

    kinds = [LogStartEvent, LogWriteEvent, LogEndEvent]
    assert [type(event) for event in first.events] == kinds
    assert [type(event) for event in second.events] == kinds


def test_extensions_hear_transitions_once_and_no_log_lines() -> None:
    """A custom extension hears every transition once (FM-81, FM-87)."""
    part, recorder = recording(RecordingExtension)
    transitions = [moved(), moved(ExecutionState.ABORTED)]

    asyncio.run(run(subscribers(part), said("one"), *transitions))

    assert [getattr(event, "to_state", None) for event in recorder.events] == [event.to_state for event in transitions]


def test_events_carry_the_name_of_the_job() -> None:
    """An event that does not say whose it is belongs to this job."""
    part, recorder = recording()

    asyncio.run(run(subscribers(part), said("one")))

    assert [event.job_name for event in recorder.events] == ["nightly"]


def test_lines_come_together_only_to_those_who_take_them() -> None:
    """A logger hears one event a line unless it says that it takes lines."""
    plain, one_by_one = recording()
    taker, together = recording(LineTaker)

    asyncio.run(run(subscribers(plain, taker), said_lines("a\nb\nc")))

    assert messages(one_by_one) == ["a", "b", "c"]
    assert [event.lines for event in together.events if isinstance(event, LogLinesEvent)] == ["a\nb\nc"]


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


def test_an_interval_holds_events_back_until_it_is_over_or_the_job_ends() -> None:
    """With a long interval the second event is handed over when the job ends (FM-31)."""
    slow, held_back = recording()
    prompt, recorder = recording(RecordingExtension)
    many = subscribers(slow, prompt, interval=3600.0)

    async def scenario() -> list[str]:
        await many.open(False)
        many.hear(said("one"))
        await held_back.heard()
        many.hear(said("two"))
        many.hear(moved())
        await recorder.heard()
        before = messages(held_back)
        await many.close("success")
        return before

    before = asyncio.run(scenario())

    assert before == ["one"]
    assert messages(held_back) == ["one", "two"]


class Impatient(RecordingExtension):
    hears_within_seconds: ClassVar[float] = 0.0


def test_a_component_may_hear_sooner_than_the_interval() -> None:
    """Others wait for what it hears."""
    part, recorder = recording(Impatient)
    many = Subscribers(
        {}, {"e": part}, job_name="nightly", loggers_interval_seconds=3600.0, extensions_interval_seconds=3600.0
    )

    async def scenario() -> int:
        await many.open(False)
        for state in (ExecutionState.RUNNING, ExecutionState.COMPLETED):
            many.hear(moved(state))
            await recorder.heard()
        before = len(recorder.events)
        await many.close("success")
        return before

    assert asyncio.run(scenario()) == 2


def test_a_heavy_backlog_does_not_wait_for_the_interval() -> None:
    """More than a few megabytes are handed over at once, whatever the interval."""
    part, recorder = recording(LineTaker)

    async def scenario() -> None:
        many = subscribers(part, interval=3600.0)
        await many.open(False)
        many.hear(said("one"))
        await recorder.heard()
        many.hear(said_lines(BIG))
        await recorder.heard()
        await many.close("success")

    asyncio.run(scenario())

    assert len(recorder.events) == 2


def test_lines_past_the_limit_are_dropped_and_counted() -> None:
    """A logger that may lose lines never holds much more than 64 MiB (G10)."""
    release = threading.Event()
    part, recorder = recording(LineTaker, update=lambda: release.wait() and None)
    many = subscribers(part)

    async def scenario() -> None:
        await many.open(False)
        for _ in range(3):
            many.hear(said_lines(BIG))
        many.hear(said_lines("four\nlost\nlines\nhere"))
        release.set()
        await many.close("success")

    asyncio.run(scenario())

    assert len(recorder.events) == 3
    assert many.notices == ["logger 'l0' (LineTaker) dropped 4 lines: it was too slow"]


def test_a_slow_part_loses_what_it_has_not_heard_in_time() -> None:
    """When the job is over, a logger that may lose lines gets the patience for the rest, and no more."""

    async def pause() -> None:
        await asyncio.sleep(0.06)

    part, recorder = recording(update=lambda: pause())
    many = subscribers(part, patience=0.2)

    asyncio.run(run(many, said_lines("\n".join(map(str, range(50)))), said("last")))

    heard = len(messages(recorder))
    assert many.notices == [f"logger 'l0' (RecordingLogger) dropped {51 - heard} lines: it was too slow"]
    assert recorder.calls[-2:] == ["on_success", "on_destroy"]


def test_whoever_may_lose_nothing_makes_tasks_wait() -> None:
    """A lossless logger that is more than 64 MiB behind is full until it has caught up (G10)."""
    release = threading.Event()
    part, recorder = recording(Lossless, update=lambda: release.wait() and None)
    many = subscribers(part)

    async def scenario() -> list[bool]:
        await many.open(False)
        full = []
        for _ in range(4):
            full.append(many.is_full)
            many.hear(said_lines(BIG))
        full.append(many.is_full)
        waiting = asyncio.gather(many.wait_for_room(), many.wait_for_room())
        release.set()
        await waiting
        full.append(many.is_full)
        await many.close("success")
        return full

    assert asyncio.run(scenario()) == [False, False, False, True, True, False]
    assert len(recorder.events) == 4
    assert many.notices == []


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


class Telling(RecordingLogger):
    """A logger with something to say, that wants to know the job's name."""

    _job: str = PrivateAttr(default="")

    def introduce(self, job_name: str) -> None:
        self._job = job_name

    @property
    def notices(self) -> list[str]:
        return [f"lost 3 lines of {self._job}"]


def test_notices_of_a_part_are_passed_on() -> None:
    """A part says in `notices` what a person should know; `introduce` tells it the name of the job."""
    many = subscribers(Telling())

    asyncio.run(run(many))

    assert many.notices == ["logger 'l0' (Telling) lost 3 lines of nightly"]


def test_closing_without_opening_calls_nothing() -> None:
    """A job that never began has no last hooks."""
    part, recorder = recording()

    asyncio.run(subscribers(part).close("failure"))

    assert recorder.calls == []


def test_a_part_that_prints_harms_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    """Output of a plugin of one's own is only output (X-02)."""
    part, _ = recording(update=lambda: print("a logger that prints", file=sys.stdout))
    many = subscribers(part)

    asyncio.run(run(many, said("one")))

    assert many.notices == []
    assert "a logger that prints" in capsys.readouterr().out
