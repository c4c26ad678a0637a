"""What a stream can show."""

from __future__ import annotations

import io
import os
import pty

import pytest

from flowrun.terminal import is_terminal, shows_colours


@pytest.mark.parametrize(
    ("settings", "terminal", "colours"),
    [
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_the_environment_has_a_say(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], terminal: bool, colours: bool
) -> None:
    """A terminal on which nothing can be moved is none; NO_COLOR is respected if it is not empty."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    master, slave = pty.openpty()

    with os.fdopen(slave, "w") as stream:
        assert (is_terminal(stream), shows_colours(stream)) == (terminal, colours)
    os.close(master)


def test_no_stream_a_file_or_a_closed_stream_is_no_terminal() -> None:
    """Whatever stderr may be, asking is no error."""
    closed = io.StringIO()
    closed.close()

    assert [is_terminal(stream) for stream in (None, io.StringIO(), closed)] == [False, False, False]
