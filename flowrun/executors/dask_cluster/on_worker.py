"""On the worker and the scheduler: the functions that Dask calls there. They take and give plain data."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from distributed import Scheduler, Worker, get_worker

from ...version import __version__
from .order import Order
from .outpost import outpost_on
from .project import Project


async def perform(order: bytes, arrived: Sequence[bytes] = (), *, topic: str) -> bytes | None:
    """Perform one attempt; `arrived` is what it needs of the cluster. Gives an outcome that is too long to be told."""
    return await outpost_on(get_worker(), topic).perform(Order.unpacked(order, arrived))


async def equip(project: Project, topic: str, dask_worker: Worker) -> str:
    """Bring the project to a worker. Gives what is wrong with this worker; empty if nothing is."""
    try:
        await outpost_on(dask_worker, topic).equip(project)
    except ValueError as error:
        return str(error)
    return ""


async def command(attempts: Iterable[str], verb: bytes, topic: str, dask_worker: Worker) -> list[str]:
    """Ask attempts to end, or kill them. Gives those that are here."""
    if topic not in dask_worker.plugins:
        return []
    outpost = outpost_on(dask_worker, topic)
    return [attempt for attempt in attempts if outpost.command(attempt, verb)]


async def dismiss(topic: str, dask_worker: Worker) -> None:
    """The run is over."""
    if topic in dask_worker.plugins:
        await dask_worker.plugin_remove(name=topic)


def look_at_scheduler(topic: str, dask_scheduler: Scheduler) -> dict[str, Any]:
    """What a runner must know of a scheduler, which will not keep what is said on the topic of the run."""
    with suppress(AttributeError):  # no part of Dask's interface
        dask_scheduler._broker._topics[topic].events = deque(maxlen=1)
    return {"flowrun": __version__, "allowed_failures": dask_scheduler.allowed_failures}


def forget(topic: str, dask_scheduler: Scheduler) -> None:
    """Drop the topic."""
    with suppress(AttributeError):  # as above
        dask_scheduler._broker._topics.pop(topic, None)
