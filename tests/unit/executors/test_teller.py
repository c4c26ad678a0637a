"""Progress on its way out of the process of an attempt."""

from __future__ import annotations

from flowrun.eventbus.progress import Progress
from flowrun.executors.teller import Teller


def test_the_first_is_sent_at_once_and_the_last_at_the_end() -> None:
    """What lies between them may be left out; after the end nothing is sent."""
    sent: list[float] = []
    teller = Teller(lambda progress: sent.append(progress.done))

    for number in range(1000):
        teller.tell(Progress(number))
    teller.close()
    teller.tell(Progress(1000))
    teller.close()

    assert (sent[0], sent[-1]) == (0, 999)
    assert sent == sorted(set(sent))
