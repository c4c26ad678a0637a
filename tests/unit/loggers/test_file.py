"""FileLogger: each task has a file, each line a prefix."""

from __future__ import annotations

import asyncio
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun.eventbus.log import (
    LogEndEvent,
    LogLinesEvent,
    LogStartEvent,
    LogWriteEvent,
    SerializableLogEvent,
    Severity,
)
from flowrun.loggers.file import FileLogger

AT = datetime(2026, 11, 21, 13, 0, 5, 123456, tzinfo=UTC)
LINE = re.compile(r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d\] [A-Z]+ - (.*)")


def written(message: str, task: str = "load", severity: Severity = Severity.INFO) -> LogWriteEvent:
    return LogWriteEvent(name=task, severity=severity, message=message, timestamp=AT)


def lines(text: str, task: str = "load") -> LogLinesEvent:
    return LogLinesEvent(name=task, severity=Severity.INFO, lines=text, timestamp=AT)


def logged(root: Path, *events: SerializableLogEvent) -> FileLogger:
    """A logger in this project that has heard these events and is done."""
    logger = FileLogger()
    logger.settle(root)

    async def scenario() -> None:
        await logger.on_create()
        for event in events:
            await logger.update(event)
        await logger.on_success()
        await logger.on_destroy()

    asyncio.run(scenario())
    return logger


def text_of(logger: FileLogger, task: str = "load") -> str:
    path = logger.log_path(task)
    assert path is not None
    return path.read_text()


def test_a_line_has_time_severity_and_message(tmp_path: Path) -> None:
    """`[time] SEVERITY - message`, the time local with its offset, in `BASE/TIME/TASK.log` (FM-78, X-FM-05)."""
    logger = logged(tmp_path, LogStartEvent(name="load"), written("rows: 12", severity=Severity.WARNING))

    stamp = AT.astimezone().isoformat(timespec="milliseconds")
    assert text_of(logger) == f"[{stamp}] WARNING - rows: 12\n"
    path = logger.log_path("load")
    assert path is not None
    assert path.name == "load.log"
    assert path.parent.parent == tmp_path / "logs"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d\.\d\d\.\d\d\.\d\d\.[0-9a-f]{6}", path.parent.name)


def test_the_directory_can_be_chosen(tmp_path: Path) -> None:
    """`base_log_dir` is relative to the project, or absolute (FM-78)."""
    for given_dir in ("my/logs", str(tmp_path / "far")):
        logger = FileLogger(base_log_dir=given_dir)
        logger.settle(tmp_path / "project")
        asyncio.run(logger.on_create())

        assert logger.log_dir is not None
        assert logger.log_dir.parent == tmp_path / "project" / given_dir
        assert logger.log_dir.is_dir()


def test_attempts_follow_each_other_in_one_file(tmp_path: Path) -> None:
    """The second attempt appends (FM-78)."""
    attempt = (LogStartEvent(name="load"), written("try"), LogEndEvent(name="load"))

    assert len(text_of(logged(tmp_path, *attempt, *attempt)).splitlines()) == 2


def test_a_silent_task_has_no_file(tmp_path: Path) -> None:
    """A file is made with the first line."""
    logger = logged(tmp_path, LogStartEvent(name="load"), LogEndEvent(name="load"))

    assert logger.log_path("load") is None
    assert logger.log_dir is not None
    assert list(logger.log_dir.iterdir()) == []


@pytest.mark.parametrize("text", ["a\nb\n\nc", "", "\n", "x" * 300 + "\n" + "y"])
def test_lines_that_come_together_look_like_lines_that_come_alone(tmp_path: Path, text: str) -> None:
    """A block of lines is written as if each had come by itself."""
    together = text_of(logged(tmp_path / "1", lines(text)))
    alone = text_of(logged(tmp_path / "2", *lines(text).writes()))

    assert together == alone
    assert [match[1] for line in together.splitlines() if (match := LINE.fullmatch(line))] == text.split("\n")


def test_a_task_cannot_forge_a_line(tmp_path: Path) -> None:
    """What looks like a line of the log stands behind a prefix of its own (O-06)."""
    genuine = text_of(logged(tmp_path / "1", written("plain"))).splitlines()[0]
    forged = genuine.replace("plain", "FORGED")

    found = text_of(logged(tmp_path / "2", written(f"start\n{forged}"), written(f"x\r{forged}\u2028{forged}")))

    assert forged not in found.splitlines()
    assert all(LINE.fullmatch(line) for line in found.splitlines())


def test_escape_sequences_are_written_out(tmp_path: Path) -> None:
    """Whoever reads the file with `cat` keeps the terminal as it is (O-05)."""
    evil = "before\x1b]0;pwned\x07\x1b[2J\x1b[31mred\x9b31mc1 after\x00"

    found = text_of(logged(tmp_path, written(evil), lines(f"clean\n{evil}")))

    assert not set(found) & {"\x1b", "\x07", "\x9b", "\x00"}
    assert found.count("\\x1b]0;pwned\\x07") == 2


@settings(max_examples=40)
@given(st.lists(st.text(max_size=50), max_size=5))
def test_any_text_is_one_line_each(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    """Whatever tasks print, the file has one line for each of theirs, each with a prefix (O-03, O-06)."""
    told = "\n".join(texts)

    found = text_of(logged(tmp_path_factory.mktemp("log"), lines(told)))

    assert found.count("\n") == told.count("\n") + 1
    assert all(LINE.fullmatch(line) for line in found.splitlines())


def test_a_line_of_any_length_is_written_whole(tmp_path: Path) -> None:
    """A line that is longer than a piece is continued, and nothing of it is lost (O-04)."""
    long = "".join(chr(97 + number % 26) for number in range(2_500_000))

    found = text_of(logged(tmp_path, lines(f"first\n{long}\nlast")))

    messages = [match[1] for line in found.splitlines() if (match := LINE.fullmatch(line))]
    assert "".join(messages) == f"first{long}last"
    assert messages[0] == "first"
    assert messages[-1] == "last"


@pytest.mark.parametrize(
    "name", ["a/b", "..", "../../etc/passwd", "x" * 500, "größer 数", "nul\x00", "", ".hidden", "a\nb"]
)
def test_any_task_name_has_a_file_in_the_directory(tmp_path: Path, name: str) -> None:
    """Names that cannot be a file's get one like it (X-FM-11)."""
    logger = logged(tmp_path, written("line", task=name))

    assert logger.log_dir is not None
    files = list(logger.log_dir.iterdir())
    assert [path.suffix for path in files] == [".log"]
    assert files == [logger.log_path(name)]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == files


def test_names_that_look_alike_do_not_share_a_file(tmp_path: Path) -> None:
    """`a/b` and `a_b` are two tasks."""
    logger = logged(tmp_path, written("one", task="a/b"), written("two", task="a_b"))

    assert logger.log_path("a/b") != logger.log_path("a_b")
    assert "two" not in text_of(logger, "a/b")


@pytest.mark.parametrize(("days", "is_kept"), [(-1, True), (0, False), (10, False), (100000, True)])
def test_old_logs_are_deleted_at_the_end(
    tmp_path: Path, days: int, is_kept: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    """Quietly; a negative number keeps them for ever (FM-79)."""
    old = tmp_path / "logs" / "2020-01-01.00.00.00" / "old.log"
    old.parent.mkdir(parents=True)
    old.write_text("old\n")
    os.utime(old, (0, 0))
    logger = FileLogger(retention_days=days)
    logger.settle(tmp_path)

    async def scenario() -> None:
        await logger.on_create()
        await logger.update(written("new"))
        await logger.on_destroy()

    asyncio.run(scenario())

    assert old.exists() is is_kept
    assert "new" in text_of(logger)
    assert capfd.readouterr().out == ""


def test_lines_that_cannot_be_written_are_a_notice(tmp_path: Path) -> None:
    """A place where nothing can be written loses lines and says so; nothing is raised (D-01)."""
    (tmp_path / "logs").write_text("in the way")

    logger = logged(tmp_path, lines("a\nb\nc"), written("d"))

    assert len(logger.notices) == 1
    assert logger.notices[0].startswith("lost 4 lines: Not a directory: ")
    assert str(tmp_path / "logs") in logger.notices[0]


def test_where_attempts_begin_is_told_to_who_asks(tmp_path: Path) -> None:
    """Task, attempt, file and byte, once; who listens is woken when there is something to take."""
    woken = list[int]()
    logger = FileLogger()
    logger.settle(tmp_path)

    async def scenario() -> None:
        await logger.on_create()
        await logger.update(written("nobody listens yet", task="early"))
        logger.when_positioned(lambda: woken.append(1))
        for number in (1, 2):
            await logger.update(LogWriteEvent(name="load", attempt=number, severity=Severity.INFO, message="a"))
            await logger.update(LogWriteEvent(name="load", attempt=number, severity=Severity.INFO, message="b"))
            await logger.update(LogEndEvent(name="load", attempt=number))

    asyncio.run(scenario())
    path = logger.log_path("load")
    assert path is not None
    half = path.stat().st_size // 2

    assert len(woken) == 1
    assert logger.take_log_positions() == [("load", 1, str(path), 0), ("load", 2, str(path), half)]
    assert logger.take_log_positions() == []
