"""Runner: hands attempts to workers through the executor, as the engine of a run does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from flowrun import values
from flowrun.attempt import Attempt, Outcome
from flowrun.eventbus.event import SerializableEvent
from flowrun.executors.executor import Workplace
from flowrun.executors.redis import RedisExecutor
from flowrun.frq.keys import Keys


class Runner:
    """One run of a job whose tasks are all performed by workers of one queue."""

    def __init__(self, url: str, keys: Keys, **settings: Any) -> None:
        """`settings` are parameters of the executor."""
        self.run_id = uuid4().hex
        self.events: list[SerializableEvent] = []
        self.said: list[str] = []
        parameters = {"url": url, "queue": keys.queue, "prefix": keys.prefix, **settings}
        self.executor = RedisExecutor(**parameters)
        self.executor.prepare(Workplace(root=Path(), say=self.said.append))
        self._count = 0

    async def __aenter__(self) -> Self:
        await self.executor.on_create()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.executor.on_destroy()

    def attempt(self, handler: str, parameters: Mapping[str, Any] | None = None) -> Attempt:
        """One that has not begun."""
        self._count += 1
        return Attempt(self.run_id, "exam", f"t{self._count}", handler, parameters=dict(parameters or {}))

    def id_of(self, attempt: Attempt) -> str:
        """What it is called on the wire."""
        return f"{self.run_id}/{attempt.task}/{attempt.number}"

    def start(self, attempt: Attempt) -> asyncio.Task[Outcome]:
        """Begin an attempt."""
        return asyncio.create_task(self.executor.run(attempt, self.events.append))

    def start_many(self, count: int, handler: str, parameters: Mapping[str, Any]) -> list[asyncio.Task[Outcome]]:
        """Begin several of the same kind."""
        return [self.start(self.attempt(handler, parameters)) for _ in range(count)]

    async def run(self, handler: str, parameters: Mapping[str, Any] | None = None) -> Outcome:
        """Have an attempt performed."""
        return await self.start(self.attempt(handler, parameters))


async def eventually(fact: Callable[[], Any], seconds: float = 60.0) -> None:
    """Wait until something is true, while the attempts go on."""
    async with asyncio.timeout(seconds):
        while not fact():  # noqa: ASYNC110 it is other processes that make it true
            await asyncio.sleep(0.01)


def values_of(outcomes: Iterable[Outcome]) -> list[Any]:
    """What completed attempts returned."""
    found = []
    for outcome in outcomes:
        assert outcome.is_completed, outcome
        found.append(None if outcome.result is None else values.decode(outcome.result))
    return found
