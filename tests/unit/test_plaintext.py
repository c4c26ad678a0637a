"""Plain text: control characters are shown instead of obeyed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.plaintext import as_argument, plain, plain_line, quoted


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
    assert as_argument("a\nb\x1b") == r"$'a\nb\x1b'"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("plain", "plain"),
        ("it's all", "'it'\"'\"'s all'"),
        ("größer", "'größer'"),
        ("\x1b[31mred", r"$'\x1b[31mred'"),
        ("two\nlines\tand\rmore", r"$'two\nlines\tand\rmore'"),
        ("it's \\ \x07", r"$'it\'s \\ \x07'"),
        ("\x9bc1 \u202eturned", r"$'\xc2\x9bc1 \xe2\x80\xaeturned'"),
        ("no \udcff text", r"$'no \xff text'"),
        ("", "''"),
    ],
)
def test_a_word_is_pasted_as_it_was(text: str, word: str) -> None:
    """What a terminal would obey is written as the bytes it stands for, in quotes that a shell reads."""
    assert quoted(text) == word


@given(st.text(st.characters(exclude_characters="\0")))
def test_no_word_of_a_command_keeps_a_control_character(text: str) -> None:
    """Nothing raw reaches the terminal, and a command stays in one line."""
    assert plain_line(quoted(text)) == quoted(text)
