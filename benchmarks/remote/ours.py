"""Ours: python -m benchmarks.remote.ours MEASURE KIND [GO_WORKER]

Hands attempts to workers of flowrun through its executor, and prints what it found as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

from flowrun.attempt import Attempt, Outcome
from flowrun.eventbus.event import SerializableEvent
from flowrun.eventbus.log import LogLinesEvent
from flowrun.executors.executor import Workplace
from flowrun.executors.redis import RedisExecutor
from flowrun.frq.body import write
from flowrun.frq.client import Client
from flowrun.frq.connection import Connection
from flowrun.frq.keys import Keys
from flowrun.frq.message import ResultMessage, TaskMessage, message_of
from flowrun.frq.pipeline import Pipeline

from .workers import LEASE_SECONDS, start

COUNT = int(os.environ.get("COUNT", "2000"))
HOPS = int(os.environ.get("HOPS", "200"))
SLOTS = {"go": 64, "inline": 64, "thread": 64, "process": 4}
_LINES = 100_000
_WIDTH = 60
_CANCELS = 100


class Runner:
    """One run, as the engine would have it performed."""

    def __init__(self, url: str, queue: str) -> None:
        self.run_id = uuid4().hex
        self.executor = RedisExecutor(url=url, queue=queue, lease=LEASE_SECONDS)
        self.executor.prepare(Workplace(root=Path(tempfile.gettempdir())))
        self._count = 0

    def attempt(self, handler: str, **parameters: Any) -> Attempt:
        """A new one."""
        self._count += 1
        return Attempt(self.run_id, "benchmark", f"t{self._count}", handler, parameters=parameters)

    async def run(self, attempt: Attempt, emit: Callable[[SerializableEvent], None] = lambda _event: None) -> Outcome:
        """Have it performed."""
        return await self.executor.run(attempt, emit)


async def rates(runner: Runner, url: str, keys: Keys) -> dict[str, float]:
    """One attempt after the other; many through the executor; and many with the bare client, in two ways."""
    await runner.run(runner.attempt("exam.echo", value=None))
    hops = []
    for _ in range(HOPS):
        begin = time.perf_counter()
        await runner.run(runner.attempt("exam.echo", value=None))
        hops.append(time.perf_counter() - begin)
    begin = time.perf_counter()
    await asyncio.gather(*(runner.run(runner.attempt("exam.echo", value=None)) for _ in range(COUNT)))
    at_once = (time.perf_counter() - begin) / COUNT
    one_by_one = await _handed_in(url, keys, _one_by_one)
    together = await _handed_in(url, keys, _together)
    return {"hop": statistics.median(hops), "one by one": one_by_one, "together": together, "at once": at_once}


async def _one_by_one(client: Client, messages: Iterable[TaskMessage]) -> None:
    """Each is in the queue before the next is handed in, as clients without asyncio do it."""
    for message in messages:
        await client.submit(message)


async def _together(client: Client, messages: Iterable[TaskMessage]) -> None:
    """None waits for another."""
    await asyncio.gather(*map(client.submit, messages))


async def _handed_in(url: str, keys: Keys, submit: Callable[[Client, Iterable[TaskMessage]], Awaitable[None]]) -> float:
    """From the first submit to the last result."""
    connection = Connection(RedisExecutor(url=url)._address(), keys)
    pipeline, link, run_id = Pipeline(connection.link()), connection.link(), uuid4().hex
    client = Client(pipeline, keys, run_id)
    await client.open()
    body = write({"params": {"value": None}})
    begin = time.perf_counter()
    await submit(client, (TaskMessage(f"{run_id}/t/{number}", "exam.echo", run_id, body) for number in range(COUNT)))
    after, found = {keys.events(run_id): "0-0"}, 0
    while found < COUNT:
        for _stream, entries in await client.read(link, after):
            after = {keys.events(run_id): entries[-1].id}
            found += sum(isinstance(message_of(entry.fields), ResultMessage) for entry in entries)
    seconds = (time.perf_counter() - begin) / COUNT
    await link.close()
    await pipeline.close()
    return seconds


async def cancels(runner: Runner, _url: str, _keys: Keys) -> dict[str, float]:
    """From the abort of a running attempt to its outcome."""
    seconds = []
    with tempfile.TemporaryDirectory() as directory:
        for number in range(_CANCELS):
            path = Path(directory, str(number))
            attempt = runner.attempt("exam.sleep", seconds=600, mark=str(path))
            running = asyncio.create_task(runner.run(attempt))
            await _until(path.exists)
            begin = time.perf_counter()
            await runner.executor.abort(attempt)
            await running
            seconds.append(time.perf_counter() - begin)
    return {"cancel": sorted(seconds)[int(_CANCELS * 0.99) - 1], "cancel median": statistics.median(seconds)}


async def redelivery(runner: Runner, url: str, keys: Keys) -> dict[str, float]:
    """From the death of a worker to the start of its attempt on another, without the lease."""
    kind, go_worker = sys.argv[2], sys.argv[3]
    first = start(kind, url, Keys(queue=f"{keys.queue}-1"), go_worker, 1)
    runner = Runner(url, f"{keys.queue}-1")
    await runner.executor.on_create()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "marks")
        running = asyncio.create_task(
            runner.run(runner.attempt("exam.sleep", seconds=0.1 + LEASE_SECONDS, mark=str(path)))
        )
        await _until(path.exists)
        start(kind, url, Keys(queue=f"{keys.queue}-1"), go_worker, 1)
        begin = time.perf_counter()
        first.kill()
        await _until(lambda: path.read_text().count("start") == 2)
        seconds = time.perf_counter() - begin
        await running
    await runner.executor.on_destroy()
    return {"redelivery": seconds}


async def lines(runner: Runner, _url: str, _keys: Keys) -> dict[str, float]:
    """Lines that one attempt writes, until the run has all of them."""
    count = 0

    def emit(event: SerializableEvent) -> None:
        nonlocal count
        count += event.lines.count("\n") + 1 if isinstance(event, LogLinesEvent) else 0

    await runner.run(runner.attempt("exam.log", lines=100, width=_WIDTH))
    begin = time.perf_counter()
    await runner.run(runner.attempt("exam.log", lines=_LINES, width=_WIDTH), emit)
    seconds = time.perf_counter() - begin
    if count != _LINES:
        raise RuntimeError(f"{count} of {_LINES} lines came")
    return {"lines a second": _LINES / seconds}


async def _until(fact: Callable[[], bool]) -> None:
    while not fact():  # noqa: ASYNC110 it is another process that makes it true
        await asyncio.sleep(0.001)


Measure = Callable[[Runner, str, Keys], Awaitable[dict[str, float]]]

MEASURES: dict[str, Measure] = {"rates": rates, "cancels": cancels, "redelivery": redelivery, "lines": lines}


async def main(measure: str, kind: str, go_worker: str) -> dict[str, float]:
    """Measure with one worker."""
    url, keys = os.environ["REDIS_URL"], Keys(queue=f"{kind}-{os.getpid()}")
    start(kind, url, keys, go_worker, SLOTS[kind])
    runner = Runner(url, keys.queue)
    await runner.executor.on_create()
    found = await MEASURES[measure](runner, url, keys)
    await runner.executor.on_destroy()
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(*sys.argv[1:4]))))
