"""Search finds a text in what tasks have said, and where it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flowrun.history.log_rows import LogFile
from flowrun.history.reader import History
from flowrun.history.search import FoundLine, containing, lines_with

from .conftest import WrittenRun, task

TIME = "[2026-11-21T02:00:00.000+00:00] INFO - "


def log(path: Path, *lines: str) -> int:
    """Write the file of a task. Gives its size."""
    return path.write_bytes("".join(f"{TIME}{line}\n" for line in lines).encode())


def found(files: list[LogFile], text: str) -> list[FoundLine]:
    return list(lines_with(files, text, lambda: False))


@pytest.mark.parametrize(
    ("text", "said", "is_in"),
    [
        ("disk", "DISK full", True),
        ("grün", "GRÜN", True),
        ("GRÜN", "es ist grün", True),
        ("%", "100 percent", False),
        ("a.b", "axb", False),
    ],
)
def test_case_counts_for_nothing_and_a_text_is_no_pattern(text: str, said: str, is_in: bool) -> None:
    """Also of letters beyond ASCII."""
    assert containing(text)(said.encode()) is is_in


def test_names_are_found_whatever_their_case(written: Callable[..., WrittenRun], history: History) -> None:
    """Of jobs, labels and tasks, also of letters beyond ASCII; a sign that means something in SQL is only a sign."""
    written(job="Prüfung", labels={"Maß": "Groß_1"}, tasks=[task("lädt 100%"), task("load")]).end()
    history.refresh()

    for text in ("PRÜF", "maß=GROSS_", "7F3A", "FUNG"):
        assert [run.job for run in history.runs_with(text, 5)] == ["Prüfung"], text
    for text in ("LÄDT", "0%"):
        assert [one.name for one in history.tasks_with(text, 5)] == ["lädt 100%"], text
    assert history.runs_with("f3a", 5) == history.runs_with("%r", 5) == []
    assert history.tasks_with("l_", 5) == []


def test_a_line_has_its_attempt_its_number_and_its_place(tmp_path: Path) -> None:
    """The place counts through all attempts of a task; what stands before what was said is not searched."""
    path = tmp_path / "load.log"
    first = len(f"{TIME}none\n{TIME}it \\x1b[31mfails\\x1b[0m\n")
    size = log(path, "none", "it \\x1b[31mfails\\x1b[0m", "none", "", "fails again")
    files = [
        LogFile("load", 1, str(path), 0, first, 1.0),
        LogFile("load", 2, str(path), first, None, 2.0),
    ]

    assert found(files, "FAILS") == [
        FoundLine("load", 1, 2, len(f"{TIME}none\n"), "it fails"),
        FoundLine("load", 2, 3, size - len(f"{TIME}fails again\n"), "fails again"),
    ]
    assert found(files, "2026") == found(files, "INFO") == []


def test_a_line_without_end_is_no_hindrance(tmp_path: Path) -> None:
    """Of a very long line a part is looked at at a time, and the lines after it keep their numbers."""
    path = tmp_path / "load.log"
    log(path, "x" * 3_000_000, "needle")

    lines = found([LogFile("load", 1, str(path), 0, None, 1.0)], "needle")

    assert [(line.number, line.at) for line in lines] == [(2, len(TIME) + 3_000_001)]


def test_it_ends_when_the_time_is_over(tmp_path: Path) -> None:
    """And a file that is gone has nothing in it."""
    path = tmp_path / "load.log"
    log(path, "needle")
    files = [LogFile("load", 1, str(path), 0, None, 1.0), LogFile("gone", 1, str(tmp_path / "gone"), 0, None, 1.0)]

    assert list(lines_with(files, "needle", lambda: True)) == []
    assert len(found(files, "needle")) == 1
