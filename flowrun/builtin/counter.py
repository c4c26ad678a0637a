"""Counter: a gate that opens when it was counted often enough."""

from __future__ import annotations

import asyncio

from pydantic import Field

from ..tally import Tally
from ..task import Task, current_task, task
from ..values.file_store import FileStore

_LOOKS_AGAIN_SECONDS = 0.05


def count(name: str, number: int = 1) -> None:
    """Count for the tasks `Counter` that wait for `name`, from inside a task.

    It may be done before they start, and when none is left.
    Raises UsageError for less than 1, and RuntimeError where no task is performed.
    """
    _tally(current_task(), name).add(number)


def _tally(counting: Task, name: str) -> Tally:
    about = counting.metadata
    return Tally(FileStore(about.root, about.job, about.run_id).directory, name)


@task
class Counter(Task):
    """Complete when `name` was counted `target` times, by tasks (`count(name)`) or from outside (`flowrun count`).

    Of several with one name the one that came first is served first; what is counted too much stays for the next.
    """

    name: str
    """What is counted."""
    target: int = Field(ge=0)
    """So often; 0: the gate is open."""

    async def run(self) -> None:
        tally, me = _tally(self, self.name), self.metadata.name
        tally.queue(me)
        while not tally.use(me, self.target):  # noqa: ASYNC110  others count in processes of their own: nothing wakes us
            await asyncio.sleep(_LOOKS_AGAIN_SECONDS)

    def on_abort(self) -> None:
        _tally(self, self.name).leave(self.metadata.name)
