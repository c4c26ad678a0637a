"""HistoryRecorder: appends what happens to a file of its own, and never harms the run."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowrun.attempt import Outcome
from flowrun.eventbus.execution import ExecutionState as S
from flowrun.eventbus.execution import TransitionsEvent
from flowrun.held import is_held
from flowrun.history.book import Book
from flowrun.history.places import Places, spool_name
from flowrun.history.spool import Spool
from flowrun.loggers.logger import LogPositions

from .conftest import BEGAN, Written, failed, task


def lines(project: Path) -> list[list[object]]:
    [spool] = Places(project).spool.iterdir()
    return [json.loads(line) for line in spool.read_text("ascii").splitlines()]


def test_what_moved_together_is_one_line(written: Written, tmp_path: Path) -> None:
    """That a task begins to wait is left out, and of the usual outcome there is nothing to tell."""
    run = written()
    moves = [
        ("a", S.INIT, S.PENDING, 0, None, 0.0, False),
        ("b ✓", S.PENDING, S.RUNNING, 1, None, 0.0, False),
        ("c", S.RUNNING, S.COMPLETED, 2, Outcome.completed(), 0.0, False),
        ("d", S.RUNNING, S.COMPLETED, 1, Outcome.completed().but(cpu_seconds=0.5, peak_bytes=9), 0.0, False),
    ]
    run.note(TransitionsEvent(moves=moves, job_name="nightly", timestamp=BEGAN))
    run.note(TransitionsEvent(moves=moves[:1], job_name="nightly", timestamp=BEGAN))

    assert [line for line in lines(tmp_path) if line[0] == "moves"] == [
        [
            "moves",
            BEGAN.timestamp(),
            [["b ✓", "PR", 1], ["c", "RC", 2], ["d", "RC", 1, {"cpu_seconds": 0.5, "peak_bytes": 9}]],
        ]
    ]


def test_what_went_wrong_is_told_in_full(written: Written, tmp_path: Path) -> None:
    """The reason, the message, the place; the pause before the next attempt."""
    run = written()
    run.move(3, "load", S.RUNNING, S.PENDING, 1, failed("no ✓"), pause=2.5)

    [[_, _, [move]]] = [line for line in lines(tmp_path) if line[0] == "moves"]

    assert move[:3] == ["load", "RP", 1]
    assert move[4] == 2.5
    assert (move[3]["reason"], move[3]["message"], move[3]["place"]) == ("raised", "no ✓", ["tasks/a.py", 58])


def test_values_are_left_out_on_request(tmp_path: Path) -> None:
    """`history: {values: false}` records neither results nor shared values."""
    book = Book(
        Places(tmp_path), "a.jsonl", {}, define=lambda _places: "", positions=LogPositions(()), keeps_values=False
    )
    book.open()
    outcome = Outcome.completed("41").but(shared={"k": "1"}, message="done")
    moves = [("load", S.RUNNING, S.COMPLETED, 1, outcome, 0.0, False)]
    book.note(TransitionsEvent(moves=moves, job_name="nightly", timestamp=BEGAN))
    book.close({})

    assert lines(tmp_path)[1][2] == [["load", "RC", 1, {"message": "done", "reason": "returned"}]]


def test_a_file_that_cannot_be_written_is_told_once(
    written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: one notice, and the rest of the run is not recorded; what was written stays whole."""
    run = written(tasks=[task("load")])
    before = lines(tmp_path)

    def full(_self: Spool, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Spool, "append", full)
    run.performed(0, 1, "load")
    run.performed(1, 2, "load")
    run.end(3)

    assert run.book.notices == ["the history of this run is not complete: No space left on device"]
    assert lines(tmp_path) == before
    assert not is_held(next(Places(tmp_path).spool.iterdir()))


def test_a_place_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """Something else is in the way."""
    (tmp_path / ".flowrun").write_text("")
    book = Book(
        Places(tmp_path), "a.jsonl", {}, define=lambda _places: "", positions=LogPositions(()), keeps_values=True
    )

    book.open()
    book.define()
    book.write()
    book.close({})

    assert len(book.notices) == 1


def test_half_a_write_is_taken_back(tmp_path: Path) -> None:
    """Of a write that fails half-way the whole lines stay, as a limit of the file size shows."""
    import resource
    import signal

    spool = Spool(Places(tmp_path), "a.jsonl")
    spool.append(b"[1]\n")
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            spool.append(b"[2]\n[33333333]\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)

    assert (Places(tmp_path).spool / "a.jsonl").read_bytes() == b"[1]\n[2]\n"
    spool.append(b"[4]\n")
    assert (Places(tmp_path).spool / "a.jsonl").read_bytes() == b"[1]\n[2]\n[4]\n"


def test_an_open_spool_is_known_to_be_written(tmp_path: Path) -> None:
    """By a lock that the kernel takes away when its holder dies."""
    spool = Spool(Places(tmp_path), "a.jsonl")
    path = Places(tmp_path).spool / "a.jsonl"

    assert is_held(path)
    spool.close()
    assert not is_held(path)
    assert not is_held(tmp_path / "none")


def test_spools_are_taken_in_the_order_of_their_beginnings(tmp_path: Path) -> None:
    """Not in that of their names: a restart comes after what it continues."""
    places = Places(tmp_path)
    names = [spool_name(run, datetime(2026, 11, day, tzinfo=UTC)) for run, day in (("b", 1), ("a", 2), ("b.x", 3))]
    places.spool.mkdir(parents=True)
    for name in reversed(names):
        (places.spool / name).touch()

    assert places.waiting() == names


def test_nothing_of_a_database_is_loaded_to_record() -> None:
    """The modules that a run needs do not import it."""
    loaded = set(sys.modules)
    source = Path(sys.modules["flowrun.history.book"].__file__ or "").parent

    assert "flowrun.history.book" in loaded
    for name in ("recorder.py", "book.py", "spool.py", "places.py"):
        assert "sqlite" not in (source / name).read_text()
