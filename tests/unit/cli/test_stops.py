"""What signals do while no task runs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from flowrun.cli.stops import finish_in_peace, stop_quietly

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def _handlers_are_put_back() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in STOPS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STOPS)
def test_a_signal_before_the_start_ends_at_once_with_its_status(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """128 and the number of the signal, past everything that could catch an exception. S-03, S-08"""
    ends: list[int] = []
    monkeypatch.setattr(os, "_exit", ends.append)
    stop_quietly()

    signal.raise_signal(number)

    assert ends == [128 + number]


def test_an_ignored_signal_stays_ignored() -> None:
    """`nohup` means what it says. S-14"""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    stop_quietly()

    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_a_signal_after_the_end_has_no_effect() -> None:
    """The exit status is decided by then; with an effect, each of them would end this process."""
    finish_in_peace()

    for number in STOPS:
        signal.raise_signal(number)
