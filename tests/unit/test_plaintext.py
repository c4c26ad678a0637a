"""Plain text: control characters are shown instead of obeyed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.plaintext import as_argument, plain, plain_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("clean text\twith a tab\nand a line", "clean text\twith a tab\nand a line"),
        ("\x1b]0;pwned\x07", "\\x1b]0;pwned\\x07"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b31mc1", "\\x9b31mc1"),
        ("over\rwritten", "over\\rwritten"),
        ("a\x00b\x7fc\x0b\x0c", "a\\x00b\\x7fc\\x0b\\x0c"),
        ("é\u2028line \u202eturned", "é\\u2028line \\u202eturned"),
        ("lone \udc80 surrogate", "lone \\udc80 surrogate"),
        ("größer 数 🎉", "größer 数 🎉"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(text: str, shown: str) -> None:
    """Escape sequences, other line ends and marks that turn text are shown; everything else stays (O-05)."""
    assert plain(text) == shown


@given(st.text())
def test_no_text_keeps_a_control_character(text: str) -> None:
    """Whatever comes in: no control characters, and no line ends but newline (O-05, O-06)."""
    shown = plain(text)

    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c not in "\n\t"]
    assert shown.splitlines() == shown.removesuffix("\n").split("\n") or shown == ""
    assert shown.encode("utf-8").decode("utf-8") == shown


def test_a_plain_line_is_one_line() -> None:
    """Newlines and tabs become spaces where a text must not be more than a line."""
    assert plain_line("two\nlines\tand \x1b") == "two lines and \\x1b"


def test_a_name_stands_as_an_argument_as_it_is() -> None:
    """What a shell would take apart is in quotes, and what begins like an option is none."""
    assert as_argument("publish") == "publish"
    assert as_argument("it's all") == "'it'\"'\"'s all'"
    assert as_argument("-x") == "-- -x"
    assert as_argument("a\nb\x1b") == "'a b\\x1b'"
