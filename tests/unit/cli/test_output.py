"""Output never decides: what cannot be written is dropped, and nobody waits for a reader."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from flowrun.cli.output import Output, Stream
from flowrun.errors import StateError


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The reading and the writing end of a pipe."""
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


@pytest.fixture
def stdout_on() -> Iterator[None]:
    """Puts the standard output back afterwards."""
    kept = os.dup(1)
    yield
    os.dup2(kept, 1)
    os.close(kept)


def test_what_is_put_arrives_in_order(pipe: tuple[int, int]) -> None:
    """A stream with a reader is a plain stream."""
    stream = Stream(pipe[1])

    stream.put(b"one\n")
    stream.put(b"two\n")

    assert os.read(pipe[0], 100) == b"one\ntwo\n"


def test_nobody_waits_for_a_reader_that_does_not_read(pipe: tuple[int, int]) -> None:
    """Lines beyond a limit are dropped; a reader that comes back learns how many. G10, O-02"""
    stream = Stream(pipe[1])
    line = b"x" * 999 + b"\n"

    for _ in range(10_000):
        stream.put(line)
    os.set_blocking(pipe[0], False)
    received = bytearray()
    while not received.endswith(b"nobody read them\n"):
        received += os.read(pipe[0], 65536)
        stream.close(patience_seconds=0)

    lines = bytes(received).splitlines()
    dropped = int(lines[-1].split()[1])
    assert dropped + len(lines) - 1 == 10_000
    assert 0 < dropped < 10_000


def test_a_reader_that_is_gone_is_no_error(pipe: tuple[int, int]) -> None:
    """EPIPE is passed over, then and later: nothing is raised. G10, O-01"""
    stream = Stream(pipe[1])
    os.close(pipe[0])

    stream.put(b"one\n")
    stream.put(b"two\n")
    stream.close()


def test_a_full_device_is_no_error_while_a_job_runs() -> None:
    """ENOSPC is passed over: nothing is raised. G10, O-01"""
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        Stream(full).put(b"one\n")
    finally:
        os.close(full)


@pytest.mark.usefixtures("stdout_on")
def test_a_result_that_cannot_be_written_is_an_error() -> None:
    """A reading command whose answer is lost says so."""
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)

    with pytest.raises(StateError, match="No space left"):
        Output().result("answer")


@pytest.mark.usefixtures("stdout_on")
def test_a_result_whose_reader_is_gone_is_none(pipe: tuple[int, int]) -> None:
    """`flowrun list | head -1` is a common thing to do: nothing is raised."""
    os.dup2(pipe[1], 1)
    os.close(pipe[0])

    Output().result("x" * 100_000)


@pytest.mark.parametrize(
    ("color", "environment", "is_coloured"),
    [
        ("auto", {}, False),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"CLICOLOR_FORCE": "1"}, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_follow_the_conventions(
    color: str, environment: dict[str, str], is_coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The option wins, then NO_COLOR, then FORCE_COLOR; a pipe has none by itself."""
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert Output(color).paint("x", "red") == ("\x1b[31mx\x1b[0m" if is_coloured else "x")


def test_control_characters_do_not_get_through(capfd: pytest.CaptureFixture[str]) -> None:
    """Even if somebody forgot to make a name harmless, a title sequence does not reach the terminal. O-05"""
    Output().say("name \x1b]0;pwned\x07")

    assert capfd.readouterr().err == "name \\x1b]0;pwned\\x07\n"
