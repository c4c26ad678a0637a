"""Logs: by byte, by attempt, and all tasks together by time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from flowrun.history.log_pages import by_time, lines_from, page_of
from flowrun.history.log_rows import LogFile, LogLine, LogPage
from flowrun.history.reader import History

from .conftest import BEGAN, Written, failed, task


def line(second: float, text: str, severity: str = "INFO") -> str:
    at = (BEGAN + timedelta(seconds=second)).isoformat(timespec="milliseconds")
    return f"[{at}] {severity} - {text}\n"


@pytest.fixture
def logged(written: Written, history: History, tmp_path: Path) -> History:
    """A run with two tasks, one of which was tried twice."""
    first, second = line(1, "one") + line(2, "two", "ERROR"), line(11, "three")
    (tmp_path / "load.log").write_text(first + second)
    (tmp_path / "end.log").write_text(line(1.5, "between") + line(12, "last"))
    run = written(tasks=[task("load"), task("end")])
    run.positions.append(("load", 1, str(tmp_path / "load.log"), 0))
    run.positions.append(("end", 1, str(tmp_path / "end.log"), 0))
    run.performed(0, 3, "load", failed())
    run.positions.append(("load", 2, str(tmp_path / "load.log"), len(first)))
    run.performed(10, 12, "load", attempt=2)
    run.performed(1, 12, "end")
    run.end(13)
    history.refresh()
    return history


def page(
    logged: History, task: str = "load", *, attempt: int | None = None, offset: int = 0, limit: int = 65536
) -> LogPage:
    return page_of(logged.log_files("7f3a0001", task, attempt), offset, limit)


def merged(logged: History) -> Iterator[LogLine]:
    """The lines of all tasks."""

    def of(file: LogFile) -> Iterator[LogLine]:
        return (line for line, _end in lines_from(file, file.begin))

    return by_time(logged.log_files("7f3a0001"), of)


def test_each_attempt_has_its_place_in_the_file(logged: History) -> None:
    """It ends where the next one begins, or at the end of the file."""
    first, second = logged.log_files("7f3a0001", "load")

    assert (first.attempt, first.begin, first.end) == (1, 0, second.begin)
    assert (second.attempt, second.end) == (2, None)
    assert [page(logged, attempt=number).text for number in (1, 2)] == [
        line(1, "one") + line(2, "two", "ERROR"),
        line(11, "three"),
    ]


def test_pages_are_whole_lines(logged: History) -> None:
    """A page goes on where the one before ended; a negative offset counts from the end."""
    length = len(line(1, "one"))
    first = page(logged, limit=length + 3)
    second = page(logged, offset=first.end, limit=1)
    inside = page(logged, offset=3, limit=1)
    end = page(logged, offset=-len(line(11, "three")))

    assert (first.text, first.begin, first.end) == (line(1, "one"), 0, length)
    assert second.text == line(2, "two", "ERROR") == inside.text
    assert end.text == line(11, "three")
    assert page(logged, offset=end.end).text == ""
    assert end.end == end.size


def test_a_log_that_was_deleted_is_said_to_be_gone(logged: History, tmp_path: Path) -> None:
    """And one that was never written is empty."""
    (tmp_path / "load.log").unlink()

    assert page(logged).is_gone
    assert page(logged, "other").path == ""
    assert [it.message for it in merged(logged)] == ["between", "last"]


def test_all_tasks_are_merged_by_time(logged: History) -> None:
    """Each line with its severity."""
    lines = list(merged(logged))

    assert [it.message for it in lines] == ["one", "between", "two", "three", "last"]
    assert (lines[0].severity, lines[2].severity) == ("INFO", "ERROR")


def test_a_long_log_stands_in_its_order(written: Written, history: History, tmp_path: Path) -> None:
    """Among lines of one moment as well; lines that are none of ours are passed over."""
    text = "".join(line(number // 10, f"line {number}") for number in range(5000))
    (tmp_path / "load.log").write_text("rubbish\n" + text)
    run = written(tasks=[task("load")])
    run.positions.append(("load", 1, str(tmp_path / "load.log"), 0))
    run.performed(0, 500, "load")
    run.end(501)
    history.refresh()

    assert [it.message for it in merged(history)] == [f"line {number}" for number in range(5000)]
