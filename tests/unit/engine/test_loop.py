"""Loop: what came before the end of a job counts, although it is heard after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from pydantic import PrivateAttr

from flowrun.attempt import Attempt, Outcome
from flowrun.engine.clock import Clock
from flowrun.engine.loop import Loop
from flowrun.engine.report import Ending
from flowrun.engine.restart import RestartPlan
from flowrun.engine.subscribers import Subscribers
from flowrun.engine.surroundings import Surroundings
from flowrun.executors.executor import Emit, Executor

from .jobs import job_of


class Struck(Executor):
    """Its attempts end with a signal that the runner, which was sent it before, hears of two turns later."""

    _hear: Callable[[], None] = PrivateAttr()

    async def run(self, attempt: Attempt, emit: Emit) -> Outcome:
        """Fail, with the signal on its way."""
        turn = asyncio.get_running_loop().call_soon
        turn(turn, turn, self._hear)
        return Outcome.failed("killed by signal 15")


def test_a_signal_that_came_before_the_last_task_ended_counts(tmp_path: Path) -> None:
    """Whoever ends all processes of a run has stopped the run: it has not failed."""
    struck = Struck()
    job = job_of(tmp_path, {"a": {}}, executors={"e": struck}, executor_of={"a": "e"})
    subscribers = Subscribers({}, {}, job_name="job", loggers_interval_seconds=1.0, extensions_interval_seconds=1.0)

    async def story() -> tuple[Ending, int | None]:
        loop = Loop(job, RestartPlan("12ab", ()), subscribers, None, Surroundings(Clock(), lambda: 0.5, None))
        struck._hear = lambda: loop.stop(15)
        report = await loop.run()
        return report.ending, report.signal

    assert asyncio.run(story()) == (Ending.STOPPED, 15)
