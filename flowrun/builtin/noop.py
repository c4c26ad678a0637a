"""Noop: a task that does nothing."""

from __future__ import annotations

from ..task import Task, task


@task
class Noop(Task):
    """Do nothing: a point where others come together."""

    async def run(self) -> None:
        return
