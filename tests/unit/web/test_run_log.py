"""The log of a run as one stream that only grows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.history.log_rows import LogFile
from flowrun.web.log_line import log_line
from flowrun.web.log_page import first_error, marks, page_before, page_from, wanting
from flowrun.web.run_log import RunLog


def line(second: int, text: str, level: str = "INFO") -> str:
    """A line as the file logger writes it."""
    return f"[2026-11-21T10:{second // 60:02}:{second % 60:02}.000+00:00] {level} - {text}\n"


def log_file(path: Path, begin: int = 0, end: int | None = None, attempt: int = 1) -> LogFile:
    """Where the output of an attempt stands."""
    return LogFile(task=path.stem, attempt=attempt, path=str(path), begin=begin, end=end, started=0.0)


def texts(log: RunLog, at: int = 0) -> list[str]:
    """The texts of all lines from a place on."""
    return [one["text"] for one in page_from(log.pieces, at, 5000, None)["lines"]]


@pytest.fixture
def two(tmp_path: Path) -> tuple[RunLog, list[LogFile], Path, Path]:
    """Two tasks that speak in turn."""
    a, b = tmp_path / "a.log", tmp_path / "b.log"
    a.write_text(line(1, "a1") + line(3, "a3") + line(4, "a4"))
    b.write_text(line(2, "b2") + "without a time\n" + line(5, "b5"))
    log, files = RunLog(), [log_file(a), log_file(b)]
    log.grow(files)
    return log, files, a, b


def test_lines_of_all_tasks_stand_by_time(two: tuple[RunLog, list[LogFile], Path, Path]) -> None:
    """A line without a time stays behind the one before it."""
    assert texts(two[0]) == ["a1", "b2", "without a time", "a3", "a4", "b5"]


def test_what_is_there_stays_in_its_place(two: tuple[RunLog, list[LogFile], Path, Path]) -> None:
    """What comes later stands at the end, whatever its time; places that were given stay right."""
    log, files, a, b = two
    before = page_from(log.pieces, 0, 100, None)["lines"]
    with a.open("a") as stream:
        stream.write(line(6, "a6"))
    with b.open("a") as stream:
        stream.write(line(1, "late") + "half a li")
    log.grow(files)

    after = page_from(log.pieces, 0, 100, None)["lines"]
    assert after[: len(before)] == before
    assert [one["text"] for one in after[len(before) :]] == ["late", "a6"]
    with b.open("a") as stream:
        stream.write("ne\n")
    log.grow(files)
    assert texts(log)[-1] == "half a line"


def test_attempts_are_told_apart(tmp_path: Path) -> None:
    """Which attempt said a line follows from where the attempts began."""
    a = tmp_path / "a.log"
    first = line(1, "one")
    a.write_text(first + line(2, "two"))
    log = RunLog()
    log.grow([log_file(a, 0, len(first)), log_file(a, len(first), attempt=2)])

    assert [(one["attempt"], one["text"]) for one in page_from(log.pieces, 0, 9, None)["lines"]] == [
        (1, "one"),
        (2, "two"),
    ]


def test_a_file_that_is_gone_is_empty(two: tuple[RunLog, list[LogFile], Path, Path]) -> None:
    """Logs are deleted some day; the rest stays readable."""
    log, _, a, _ = two
    a.unlink()

    assert texts(log) == ["b2", "without a time", "b5"]


def test_pages_go_forward_and_backward(two: tuple[RunLog, list[LogFile], Path, Path]) -> None:
    """`next` and `previous` lead through the whole log, from any place."""
    pieces = two[0].pieces
    everything = page_from(pieces, 0, 100, None)["lines"]
    forward, at = [], 0
    while len(page := page_from(pieces, at, 2, None)["lines"]):
        forward += page
        at = page_from(pieces, at, 2, None)["next"]
    backward, before = [], pieces.size
    while before:
        page_up = page_before(pieces, before, 2, None)
        backward = page_up["lines"] + backward
        before = page_up["previous"] or 0

    assert forward == everything == backward
    assert page_from(pieces, everything[2]["at"] + 4, 1, None)["lines"] == [everything[2]]
    assert page_from(pieces, pieces.size + 99, 5, None) == {
        "size": pieces.size,
        "offset": pieces.size,
        "next": pieces.size,
        "previous": pieces.size,
        "is_end": True,
        "lines": [],
    }


def test_filters_and_marks(tmp_path: Path) -> None:
    """By level and above, by text whatever its case; the first error, and every 1,000th line."""
    a = tmp_path / "a.log"
    a.write_text("".join(line(n % 3600, f"Row {n}", "ERROR" if n == 1500 else "INFO") for n in range(2500)))
    log = RunLog()
    log.grow([log_file(a)])
    pieces = log.pieces

    assert [one["text"] for one in page_from(pieces, 0, 9, wanting("WARNING", ""))["lines"]] == ["Row 1500"]
    assert [one["text"] for one in page_before(pieces, pieces.size, 1, wanting("", "row 77"))["lines"]] == ["Row 779"]
    error = first_error(pieces, 0)["at"]
    assert error is not None
    assert page_from(pieces, error, 1, None)["lines"][0]["text"] == "Row 1500"
    assert first_error(pieces, error + 1 + len("ERROR"))["at"] == error, "a place in a line stands for the line"
    found = marks(pieces)
    assert (found["lines"], len(found["marks"])) == (2500, 3)
    assert page_from(pieces, found["marks"][2], 1, None)["lines"][0]["text"] == "Row 2000"


@given(st.lists(st.tuples(st.integers(0, 3), st.text("ab\u00e9 ", max_size=5)), max_size=40), st.integers(1, 7))
def test_nothing_is_lost_or_said_twice(said: list[tuple[int, str]], chunks: int) -> None:
    """However the tasks take turns and however often is looked, every line is there once, those of a task in order."""
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        log, paths = RunLog(), [Path(directory, f"t{number}.log") for number in range(4)]
        for second, (task, text) in enumerate(said):
            with paths[task].open("a", encoding="utf-8") as stream:
                stream.write(line(second, text))
            if second % chunks == 0:
                log.grow([log_file(path) for path in paths if path.exists()])
        log.grow([log_file(path) for path in paths if path.exists()])
        lines = page_from(log.pieces, 0, 5000, None)["lines"]

    assert [(one["task"], one["text"]) for one in lines] == [(f"t{task}", text) for task, text in said]


def test_one_line_in_all_its_parts() -> None:
    """Time in UTC, level, text with its colours; very long ones are cut, foreign ones are text."""
    whole = log_line(b"[2026-11-21T11:00:00.500+01:00] ERROR - \\x1b[31mred\\x1b[0m", 7, "t", 2)

    assert whole == {
        "at": 7,
        "task": "t",
        "attempt": 2,
        "time": "2026-11-21T10:00:00.500+00:00",
        "level": "ERROR",
        "text": "\x1b[31mred\x1b[0m",
        "is_cut": False,
    }
    assert log_line(b"[x] no - form", 0, "t", 1)["text"] == "[x] no - form"
    assert log_line(b"y" * 70_000, 0, "t", 1)["is_cut"]
    assert log_line(b"\xff\\x1b]0;title", 0, "t", 1)["text"] == "\ufffd\\x1b]0;title", "other escapes stay written out"
