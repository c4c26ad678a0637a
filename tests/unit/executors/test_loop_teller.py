"""Progress on its way from a worker in the runner's process to the engine."""

from __future__ import annotations

import asyncio

from flowrun.eventbus.progress import Progress
from flowrun.executors.loop_teller import LoopTeller


class Line:
    """Keeps calls until somebody makes them, as another thread would."""

    def __init__(self) -> None:
        self.calls = 0
        self.passed: list[float] = []
        self.teller = LoopTeller(self._call, lambda progress: self.passed.append(progress.done))

    def _call(self, _look: object) -> None:
        self.calls += 1


def test_of_what_is_told_at_once_the_last_is_passed_on() -> None:
    """The engine is called once, however often a task speaks; what was passed on is not passed on again."""

    async def live() -> None:
        line = Line()
        for number in range(1000):
            line.teller.tell(Progress(number))
        line.teller.flush()
        line.teller.flush()
        assert (line.calls, line.passed) == (1, [999])
        line.teller.tell(Progress(1000))
        line.teller.flush()
        assert (line.calls, line.passed) == (2, [999, 1000])

    asyncio.run(live())


def test_a_task_that_tells_nothing_passes_nothing_on() -> None:
    """The end of its attempt makes no progress."""

    async def live() -> None:
        line = Line()
        line.teller.flush()
        assert line.passed == []

    asyncio.run(live())
