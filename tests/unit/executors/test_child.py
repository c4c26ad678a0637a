"""What the process of an attempt says to the runner."""

from __future__ import annotations

import os

from flowrun.eventbus.progress import Progress
from flowrun.executors.abort_switch import AbortSwitch
from flowrun.executors.child import _RemotePort


def test_a_thread_that_is_left_behind_says_nothing_into_the_outcome() -> None:
    """Whether it has said anything before or not: the frame of the outcome would be torn."""
    for said in ([], [Progress(1)]):
        reading, writing = os.pipe()
        port = _RemotePort(AbortSwitch())
        port.owner, port.control = os.getpid(), writing
        for progress in said:
            port.tell(progress)
        port.close()
        port.tell(Progress(2))
        os.close(writing)

        with open(reading, "rb") as stream:
            sent = stream.read()

        assert (b'"done":1' in sent.replace(b" ", b"")) == bool(said)
        assert b'"done":2' not in sent.replace(b" ", b"")
