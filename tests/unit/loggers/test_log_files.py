"""LogFiles: whole lines are appended, whatever happens to the files."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowrun.loggers.log_files import LogFiles


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file may become larger: writes fail half-way, much as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def every_descriptor() -> list[int]:
    """All that this process may still open."""
    taken = []
    with contextlib.suppress(OSError):
        while True:
            taken.append(os.open("/dev/null", os.O_RDONLY))
    return taken


def test_files_are_made_with_their_directories(tmp_path: Path) -> None:
    """The first line makes the file and every directory above it."""
    files, path = LogFiles(), tmp_path / "a" / "b" / "task.log"

    files.append(str(path), b"one\n")
    files.append(str(path), b"two\n")
    files.close_all()

    assert path.read_bytes() == b"one\ntwo\n"
    assert files.notices == []


def test_a_file_that_was_closed_is_appended_to(tmp_path: Path) -> None:
    """Attempts of a task follow each other in one file (FM-78)."""
    files, path = LogFiles(), tmp_path / "task.log"

    files.append(str(path), b"first attempt\n")
    files.close(str(path))
    files.append(str(path), b"second attempt\n")
    files.close_all()

    assert path.read_bytes() == b"first attempt\nsecond attempt\n"


def test_few_files_are_open_at_a_time(tmp_path: Path) -> None:
    """However many tasks speak, only a few descriptors are used (O-07)."""
    files = LogFiles(most_open=4)
    before = open_descriptors()

    for _ in range(2):
        for number in range(50):
            files.append(str(tmp_path / f"{number}.log"), b"line\n")
    used = open_descriptors() - before
    files.close_all()

    assert used == 4
    assert open_descriptors() == before
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"line\nline\n"}


def test_a_directory_that_was_deleted_is_made_again(tmp_path: Path) -> None:
    """Somebody tidies up during the run: later lines are written to a new file (D-15)."""
    files, directory = LogFiles(), tmp_path / "run"
    files.append(str(directory / "a.log"), b"before\n")

    shutil.rmtree(directory)
    files.append(str(directory / "a.log"), b"after\n")
    files.append(str(directory / "b.log"), b"after\n")
    files.close_all()

    assert (directory / "a.log").read_bytes() == b"after\n"
    assert (directory / "b.log").read_bytes() == b"after\n"
    assert files.notices == []


def test_lines_that_cannot_be_written_are_counted(tmp_path: Path) -> None:
    """A full disk loses lines, not the job; whole lines stay, and the notice counts the others (D-01, D-03)."""
    files, path = LogFiles(), tmp_path / "task.log"

    with largest_file(100):
        files.append(str(path), b"123456789\n" * 15)
        files.append(str(path), b"123456789\n")
    files.append(str(path), b"room again\n")
    files.close_all()

    assert path.read_bytes() == b"123456789\n" * 10 + b"room again\n"
    assert files.notices == [f"lost 6 lines: File too large: {path}"]


def test_half_a_line_is_taken_back(tmp_path: Path) -> None:
    """A write that fails inside a line leaves no half of it."""
    files, path = LogFiles(), tmp_path / "task.log"

    with largest_file(25):
        files.append(str(path), b"first line\n")
        files.append(str(path), b"a second line that is longer\n")
    files.close_all()

    assert path.read_bytes() == b"first line\n"
    assert files.notices == [f"lost 1 lines: File too large: {path}"]


@pytest.mark.parametrize("mask", [0o000, 0o022])
def test_nobody_else_may_write(tmp_path: Path, mask: int) -> None:
    """Files are 0644 and directories 0755 at most, also without a umask (D-08)."""
    files, path = LogFiles(), tmp_path / "a" / "b" / "task.log"

    with umask(mask):
        files.append(str(path), b"line\n")
    files.close_all()

    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [stat.S_IMODE(parent.stat().st_mode) for parent in (path.parent, path.parent.parent)] == [0o755, 0o755]


def test_a_stricter_umask_is_kept(tmp_path: Path) -> None:
    """Who lets nobody read has logs that nobody else reads."""
    files, path = LogFiles(), tmp_path / "a" / "task.log"

    with umask(0o077):
        files.append(str(path), b"line\n")
    files.close_all()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    """A symbolic link where a log should be made leads nowhere."""
    files, victim = LogFiles(), tmp_path / "precious"
    victim.write_bytes(b"precious")
    (tmp_path / "task.log").symlink_to(victim)

    files.append(str(tmp_path / "task.log"), b"line\n")

    assert victim.read_bytes() == b"precious"
    assert files.notices[0].startswith("lost 1 lines: ")


def test_descriptors_that_run_out_are_given_back(tmp_path: Path) -> None:
    """When no descriptor is free, others are closed first (D-11)."""
    files = LogFiles()
    files.append(str(tmp_path / "first.log"), b"line\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        taken += every_descriptor()
        files.append(str(tmp_path / "second.log"), b"line\n")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for descriptor in taken:
            os.close(descriptor)
    files.close_all()

    assert (tmp_path / "second.log").read_bytes() == b"line\n"
    assert files.notices == []
