"""Foreign text on a terminal."""

from __future__ import annotations

import pytest

from flowrun.cli.printable import defused, hanging, harmless, listed


def test_control_characters_are_written_out() -> None:
    """Neither escape sequences nor line ends of a task reach the terminal."""
    assert harmless("a\x1b[2J\x07b\nc\td") == "a\\x1b[2J\\x07b c d"


def test_long_text_is_cut_with_a_sign() -> None:
    """What is too long for a line ends in an ellipsis, whatever escaping makes of it."""
    assert harmless("x" * 50, 10) == "x" * 9 + "…"
    assert len(harmless("\x1b" * 50, 10)) == 10
    assert harmless("x" * 10, 10) == "x" * 10


def test_anything_can_be_shown() -> None:
    """Values that are no text are shown as text."""
    assert harmless(7) == "7"


def test_defusing_keeps_lines_and_colours_only() -> None:
    """What we compose may have lines and colours; a title sequence that slipped in is written out."""
    assert defused("a\n\x1b[31mred\x1b[0m\t\x1b]0;pwned\x07") == "a\n\x1b[31mred\x1b[0m\t\\x1b]0;pwned\\x07"


def test_a_list_of_names_is_short() -> None:
    """Beyond the first few only the number is said."""
    assert listed(["a", "b"]) == "a, b"
    assert listed([str(number) for number in range(10)], 3) == "0, 1, 2 and 7 more"


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (0, ["  blocked  one two three four"]),
        (29, ["  blocked  one two three four"]),
        (28, ["  blocked  one two three", "      four"]),
        (14, ["  blocked  one", "      two", "      three", "      four"]),
        (8, ["  blocked  one", "    two", "    three", "    four"]),
    ],
)
def test_a_long_text_goes_on_below(width: int, lines: list[str]) -> None:
    """From the end of a word, and never in the middle of one."""
    assert hanging("  blocked  ", "one two three four", width) == lines


def test_where_there_is_room_it_goes_on_below_itself() -> None:
    """A label keeps its column for itself."""
    assert hanging("  | ", "x" * 30 + " y", 35) == ["  | " + "x" * 30, "    y"]
