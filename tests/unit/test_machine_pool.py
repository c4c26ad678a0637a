"""MachinePool: a limit that several jobs share by locks on files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowrun.errors import StateError
from flowrun.machine_pool import MachinePool, runtime_directory


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def pools(runtime: Path, slots: int = 1, clock: Clock | None = None) -> tuple[MachinePool, MachinePool]:
    """The same pool as two jobs have it."""
    one, other = (MachinePool("a/b", slots, str(runtime / "it"), clock or Clock()) for _ in range(2))
    return one, other


def test_slots_are_shared(tmp_path: Path) -> None:
    """Together they take as many as there are, and what one gives back the other can take. AS-23"""
    one, other = pools(tmp_path, slots=2)

    assert [one.take(), other.take(), one.take(), other.take()] == [True, True, False, False]
    other.give_back()
    assert one.take()
    assert not other.take()


def test_a_pool_that_is_gone_holds_nothing(tmp_path: Path) -> None:
    """In a program that runs many jobs, one that ended early leaves no slot taken."""
    one, other = pools(tmp_path)
    assert one.take()
    del one

    assert other.take()


def test_a_job_that_had_its_turn_leaves_the_slot_to_one_that_waits(tmp_path: Path) -> None:
    """It asks twice in vain; if nobody has taken the slot by then, it takes it."""
    clock = Clock()
    one, other = pools(tmp_path, clock=clock)
    assert one.take()
    assert not other.take()
    clock.seconds = 1.0
    one.give_back()

    assert [one.take(), one.take(), one.take()] == [False, False, True]
    clock.seconds = 2.0
    one.give_back()
    assert not one.take()
    assert other.take()
    assert not one.take()


def test_a_short_turn_is_not_cut_off(tmp_path: Path) -> None:
    """Short tasks need not wait for each other's jobs one by one."""
    one, other = pools(tmp_path)
    assert one.take()
    assert not other.take()
    one.give_back()

    assert one.take()


def test_a_job_alone_never_waits_for_others(tmp_path: Path) -> None:
    """However long it has had the pool."""
    clock = Clock()
    one, _other = pools(tmp_path, clock=clock)
    for second in range(5):
        clock.seconds = float(second)
        assert one.take()
        one.give_back()


def test_a_slot_whose_file_was_removed_is_no_slot(tmp_path: Path) -> None:
    """Somebody who clears away old files cannot make two holders of one slot."""
    one, other = pools(tmp_path)
    assert one.take()
    one.give_back()
    slot = next(tmp_path.rglob("0"))
    slot.unlink()

    assert one.take()
    assert not other.take()


def test_a_directory_of_others_is_refused(tmp_path: Path) -> None:
    """Also one that was put there as a link."""
    runtime = tmp_path / "it"
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    runtime.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateError, match="must be a directory of this user alone"):
        pools(tmp_path)


def test_the_directory_is_the_same_in_every_session() -> None:
    """A job of cron has no session, and shares the limit nonetheless."""
    assert runtime_directory({"XDG_RUNTIME_DIR": "/run/user/1"}) == f"/tmp/flowrun-{os.geteuid()}"
    assert runtime_directory({"FLOWRUN_RUNTIME_DIR": "/srv/slots"}) == "/srv/slots"
