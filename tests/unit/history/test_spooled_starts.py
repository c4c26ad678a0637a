"""What spools tell of the starts of runs, without the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flowrun.history.places import Places
from flowrun.history.spooled_starts import newest_start

from .conftest import BEGAN, WrittenRun

FILE = "jobs/nightly.yaml"


def test_the_newest_start_of_a_file_is_found(written: Callable[..., WrittenRun], tmp_path: Path) -> None:
    """Also one that was taken into the database and kept; and whether it completed."""
    written(run="aaaa").end()
    kept = tmp_path / ".flowrun" / "history" / "kept" / "20261121"
    kept.mkdir(parents=True)
    for path in Places(tmp_path).spool.iterdir():
        path.rename(kept / path.name)
    written(run="bbbb", began=BEGAN - timedelta(hours=1)).vanish()

    newest, named = newest_start(Places(tmp_path), FILE), newest_start(Places(tmp_path), FILE, "bb")

    assert newest is not None
    assert (newest.run, newest.has_completed) == ("aaaa", True)
    assert named is not None
    assert (named.run, named.has_completed) == ("bbbb", False)
    assert newest_start(Places(tmp_path), "jobs/other.yaml") is None
    assert newest_start(Places(tmp_path), FILE, "c/") is None


def test_what_is_no_spool_is_passed_over(written: Callable[..., WrittenRun], tmp_path: Path) -> None:
    """Empty, half a line, lines of something else."""
    written(run="aaaa").end(state="failed")
    spool = Places(tmp_path).spool
    for number, text in enumerate(["", '["start", {"run', "[1, 2]\n", '["start", 3]\n', "{}\n", '["start", {}]\n']):
        (spool / f"{number}.20991231T000000000000.jsonl").write_text(text)

    found = newest_start(Places(tmp_path), FILE)

    assert found is not None
    assert (found.run, found.has_completed) == ("aaaa", False)


def test_of_runs_of_other_files_only_the_first_line_is_read(written: Callable[..., WrittenRun], tmp_path: Path) -> None:
    """There may be very many of them, and they may be large."""
    written(run="aaaa").end()
    spool = Places(tmp_path).spool
    for number in range(20):
        (spool / f"{number}.20991231T000000000000.jsonl").write_text(
            '["start", {"file": "other"}]\n' + "[]\n" * 400_000
        )

    before = bytes_read()
    assert newest_start(Places(tmp_path), FILE) is not None
    assert bytes_read() - before < 5_000_000


def bytes_read() -> int:
    """By this process until now."""
    return int(Path("/proc/self/io").read_text().split()[1])
