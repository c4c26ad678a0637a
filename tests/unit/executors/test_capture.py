"""Capture: what is printed in the context of an attempt is its own, and everything else goes where it went before."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from io import StringIO

import pytest

from flowrun.eventbus.log import Severity
from flowrun.executors.capture import AttemptStream, Spoken, attempts_heard


def recording() -> tuple[Spoken, list[tuple[str, str]]]:
    said: list[tuple[str, str]] = []
    return Spoken(lambda severity, lines: said.extend((severity.value, line) for line in lines.split("\n"))), said


def test_pieces_become_whole_lines() -> None:
    """`print("a", "b")` writes four pieces and is one line. FM-53, X-FM-25"""
    spoken, said = recording()
    with attempts_heard(), spoken.speaking():
        print("a", "b")
        print("c", end="")
        print("d\ne", end="")

    assert said == [("INFO", "a b"), ("INFO", "cd"), ("INFO", "e")]


def test_the_streams_have_their_severities() -> None:
    """Output is INFO, errors are ERROR. FM-53"""
    spoken, said = recording()
    with attempts_heard(), spoken.speaking():
        print("out")
        print("err", file=sys.stderr)

    assert said == [("INFO", "out"), ("ERROR", "err")]


def test_what_nobodys_attempt_prints_goes_where_it_went(capsys: pytest.CaptureFixture[str]) -> None:
    """And after the run the streams are what they were."""
    before = sys.stdout, sys.stderr
    with attempts_heard():
        print("mine")
    print("after")

    assert (sys.stdout, sys.stderr) == before
    assert capsys.readouterr().out == "mine\nafter\n"


def test_coroutines_in_turn_do_not_mix() -> None:
    """Each has its own context, though they share a thread."""
    spokens = [recording() for _ in range(3)]

    async def speak(number: int) -> None:
        with spokens[number][0].speaking():
            for _ in range(5):
                sys.stdout.write(str(number))
                await asyncio.sleep(0)
            print()

    async def all_speak() -> None:
        await asyncio.gather(*(speak(number) for number in range(3)))

    with attempts_heard():
        asyncio.run(all_speak())

    assert [said for _spoken, said in spokens] == [[("INFO", str(number) * 5)] for number in range(3)]


def test_a_copied_context_speaks_for_the_same_attempt() -> None:
    """Helpers of a task that take its context with them, as `asyncio.to_thread` does, are heard too."""
    spoken, said = recording()
    with attempts_heard(), spoken.speaking():
        contextvars.copy_context().run(print, "helper")

    assert said == [("INFO", "helper")]


def test_a_task_that_closes_its_output_closes_nobody_elses() -> None:
    """The stream behind stays open."""
    behind = StringIO()
    stream = AttemptStream(behind, Severity.INFO)
    stream.close()
    stream.writelines(["still ", "open"])

    assert behind.getvalue() == "still open"
    assert not stream.isatty()


def test_without_a_stream_behind_nothing_breaks() -> None:
    """As in a daemon whose output was closed."""
    stream = AttemptStream(None, Severity.INFO)

    assert stream.write("lost") == 4
    stream.flush()
    assert not stream.isatty()


def test_the_last_of_several_jobs_puts_the_streams_back() -> None:
    """The first that began may end first."""
    before = sys.stdout, sys.stderr
    first, second = attempts_heard(), attempts_heard()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    spoken, said = recording()
    with spoken.speaking():
        print("still heard")
    second.__exit__(None, None, None)

    assert said == [("INFO", "still heard")]
    assert (sys.stdout, sys.stderr) == before


def test_a_stream_that_somebody_else_has_replaced_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who replaces a stream while a job runs puts it back, not we."""
    theirs = StringIO()
    with attempts_heard():
        monkeypatch.setattr(sys, "stdout", theirs)

    assert sys.stdout is theirs
