"""OneItem: an executor that carries one item of a fan, and lets the others be."""

from __future__ import annotations

from typing import Any

from ..attempt import Attempt, Outcome
from ..executors.executor import Emit, Executor, Workplace


class OneItem(Executor):
    """Carries one item of a fan by another executor; the others complete without being performed."""

    item: str
    carrier: Any
    """The other executor."""
    names: Any
    """A set to which the names of all items are added."""

    def prepare(self, workplace: Workplace) -> None:
        self.carrier.prepare(workplace)

    async def on_create(self) -> None:
        await self.carrier.on_create()

    async def on_destroy(self) -> None:
        await self.carrier.on_destroy()

    async def run(self, attempt: Attempt, emit: Emit) -> Outcome:
        self.names.add(attempt.task)
        if attempt.task != self.item:
            return Outcome.completed()
        outcome: Outcome = await self.carrier.run(attempt, emit)
        return outcome

    async def abort(self, attempt: Attempt) -> None:
        if attempt.task == self.item:
            await self.carrier.abort(attempt)

    async def kill(self, attempt: Attempt) -> None:
        if attempt.task == self.item:
            await self.carrier.kill(attempt)
