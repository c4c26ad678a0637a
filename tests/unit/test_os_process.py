"""A process, told apart from a later one that has its number."""

from __future__ import annotations

import os
import signal

from flowrun.os_process import OSProcess, birth_of

US = os.getpid()


def test_a_process_is_known_by_its_number_and_its_birth() -> None:
    """Numbers are given again."""
    assert OSProcess(US, birth_of(US)).is_alive
    assert not OSProcess(US, "1").is_alive
    assert not OSProcess(US, "").is_alive
    assert birth_of(0) == ""


def test_the_first_process_is_one_like_others() -> None:
    """In a container that may be the runner."""
    assert OSProcess(1, birth_of(1)).is_alive
    assert not OSProcess(0, birth_of(1)).is_alive


def test_a_process_that_only_has_the_number_gets_no_signal() -> None:
    """What was to be stopped has ended."""
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    try:
        assert not OSProcess(US, "1").stop(now=True)
        assert OSProcess(US, "1").wait()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == []


def test_a_wait_ends_with_the_time_that_it_has() -> None:
    """The process is still there."""
    assert not OSProcess(US, birth_of(US)).wait(0.0)
