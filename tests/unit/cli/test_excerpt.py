"""A few lines of a file around a place."""

from __future__ import annotations

import os
from pathlib import Path

from flowrun.cli.excerpt import excerpt, lines_before
from flowrun.problem import Place


def unpainted(text: str, _colour: str) -> str:
    return text


def test_the_caret_stands_below_what_is_meant(tmp_path: Path) -> None:
    """Line numbers, the line before, and carets as long as the word."""
    file = tmp_path / "job.yaml"
    file.write_text("tasks:\n  load:\n    dependancies: [a]\n")

    assert excerpt(Place(str(file), 3, 5, 12), "did you mean `dependencies`?", unpainted) == [
        "  |",
        "2 |   load:",
        "3 |     dependancies: [a]",
        "  |     ^^^^^^^^^^^^ did you mean `dependencies`?",
    ]


def test_the_caret_finds_its_column_behind_control_characters(tmp_path: Path) -> None:
    """What is written out as an escape moves the caret along."""
    file = tmp_path / "job.yaml"
    file.write_text("\x07: x\n")

    assert excerpt(Place(str(file), 1, 4, 1), "", unpainted)[1:] == ["1 | \\x07: x", "  |       ^"]


def test_the_caret_finds_its_column_behind_wide_characters(tmp_path: Path) -> None:
    """Such a character takes two columns of a terminal, a combining one none."""
    file = tmp_path / "job.yaml"
    file.write_text("日本: 語x\ne\u0301: x\n")

    assert excerpt(Place(str(file), 1, 5, 2), "", unpainted)[1:] == ["1 | 日本: 語x", "  |       ^^^"]
    assert excerpt(Place(str(file), 2, 5, 1), "", unpainted)[-1] == "  |    ^"


def test_other_files_are_never_shown(tmp_path: Path) -> None:
    """An include of a password file must not print it. B-24"""
    file = tmp_path / "shadow"
    file.write_text("root:secret\n")

    assert lines_before(str(file), 1, 2) == []


def test_what_cannot_be_read_is_not_shown(tmp_path: Path) -> None:
    """No file, no such line, a directory, a pipe: nothing is shown, and nobody waits."""
    (tmp_path / "short.yaml").write_text("one\n")
    (tmp_path / "directory.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")

    for name, line in (("missing.yaml", 1), ("short.yaml", 9), ("directory.yaml", 1), ("pipe.yaml", 1)):
        assert lines_before(str(tmp_path / name), line, 2) == []


def test_passwords_in_urls_are_not_shown(tmp_path: Path) -> None:
    """The line stays as long as it was, so that the caret stands where it should."""
    file = tmp_path / "job.yaml"
    file.write_text('url: "redis://me:hidden@localhost", queue: X\n')

    shown = excerpt(Place(str(file), 1, 44, 1), "", unpainted)

    assert shown[1:] == ['1 | url: "redis://me:******@localhost", queue: X', "  |" + " " * 44 + "^"]

    file.write_text('url: "redis://:hid/den?@localhost"\n')
    assert "redis://:********@localhost" in excerpt(Place(str(file), 1, 1, 1), "", unpainted)[1]
