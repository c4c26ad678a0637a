"""Running: how attempts are handed to executors, and what loggers are told of them."""

from __future__ import annotations

import asyncio
import signal

import pytest

from flowrun.attempt import Attempt, Outcome, Reason
from flowrun.engine.running import Running, as_cut_short
from flowrun.eventbus import EventBus
from flowrun.eventbus.event import SerializableEvent
from flowrun.eventbus.log import LogWriteEvent, SerializableLogEvent, Severity
from flowrun.executors.executor import DirectExecutor, Emit, Ended


class Prompt(DirectExecutor):
    """Completes every attempt in the next turn of the loop; `says` is what it says before, `fails` how it is broken."""

    says: str = ""
    fails: str = ""

    def begin(self, attempt: Attempt, emit: Emit, ended: Ended) -> None:
        if self.fails:
            raise OSError(self.fails)
        if self.says:
            emit(LogWriteEvent(name=attempt.task, severity=Severity.INFO, message=self.says))
        asyncio.get_running_loop().call_soon(ended, Outcome.completed())


def performed(executor: Prompt, *, marks_silent: bool = True) -> tuple[list[str], list[Outcome]]:
    """The kinds of events of an attempt, and its outcomes."""
    events: list[SerializableEvent] = []
    outcomes: list[Outcome] = []

    async def play() -> None:
        bus = EventBus()
        bus.subscribe(SerializableLogEvent, events.append)
        has_ended = asyncio.Event()

        def ended(_task: str, outcome: Outcome) -> None:
            outcomes.append(outcome)
            has_ended.set()

        running = Running(bus, 1.0, ended, marks_silent=marks_silent)
        running.begin(Attempt("r", "j", "t", "V"), executor, None)
        await has_ended.wait()
        assert len(running) == 0

    asyncio.run(play())
    return [type(event).__name__ for event in events], outcomes


@pytest.mark.parametrize(
    ("says", "marks_silent", "kinds"),
    [
        ("", True, ["LogStartEvent", "LogEndEvent"]),
        ("", False, []),
        ("a line", True, ["LogStartEvent", "LogWriteEvent", "LogEndEvent"]),
        ("a line", False, ["LogStartEvent", "LogWriteEvent", "LogEndEvent"]),
    ],
)
def test_begin_and_end_of_a_silent_attempt_are_told_if_a_logger_wants_them(
    says: str, marks_silent: bool, kinds: list[str]
) -> None:
    """Those of an attempt that says something are always told, around what it says."""
    assert performed(Prompt(says=says), marks_silent=marks_silent) == (kinds, [Outcome.completed()])


def test_an_executor_that_cannot_begin_fails_the_attempt() -> None:
    """It is an outcome, which tells what the executor raised."""
    _, outcomes = performed(Prompt(fails="no room"))

    assert [outcome.reason for outcome in outcomes] == [Reason.NOT_STARTED]
    assert "no room" in outcomes[0].message


def test_an_attempt_that_had_to_be_killed_is_not_said_to_be_out_of_memory() -> None:
    """What ended it was the runner; what ended by another signal meanwhile keeps its words."""
    by_us = Outcome(Reason.KILLED, "killed by signal 9 (SIGKILL), perhaps out of memory", signal=signal.SIGKILL)
    by_itself = Outcome(Reason.KILLED, "killed by signal 11 (SIGSEGV)", signal=signal.SIGSEGV)

    stopped = as_cut_short(by_us, Reason.ABORTED)
    crashed = as_cut_short(by_itself, Reason.ABORTED)

    assert (stopped.reason, crashed.reason) == (Reason.ABORTED, Reason.ABORTED)
    assert stopped.message == "stopped from outside: it was killed, for it did not end by itself"
    assert crashed.message == "killed by signal 11 (SIGSEGV)"
