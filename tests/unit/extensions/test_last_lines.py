"""The last lines of a log."""

from __future__ import annotations

from pathlib import Path

from flowrun.extensions.last_lines import last_lines


def test_only_the_end_of_a_long_file_is_read(tmp_path: Path) -> None:
    """Whole lines of it, as many as are wanted."""
    log = tmp_path / "a.log"
    log.write_text("".join(f"line {number} {'x' * 1000}\n" for number in range(100)) + "näxt\nlast")

    assert [line.split()[0:2] for line in last_lines(log)] == [
        ["line", "97"],
        ["line", "98"],
        ["line", "99"],
        ["näxt"],
        ["last"],
    ]
    assert last_lines(log, 1) == ["last"]


def test_a_file_that_cannot_be_read_has_none(tmp_path: Path) -> None:
    """Nor has one that is empty, or not there."""
    (tmp_path / "empty").touch()

    assert [last_lines(path) for path in (None, tmp_path, tmp_path / "none", tmp_path / "empty")] == [[]] * 4
