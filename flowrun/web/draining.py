"""Draining: a worker is told to end."""

from __future__ import annotations

from collections.abc import Mapping

from typing_extensions import TypedDict

from .redis_link import UnaskedError, redis_link
from .redis_view import queues_of
from .refusal import Refusal


class DrainBody(TypedDict):
    """A worker that was told to end, and the queues that it serves."""

    worker: str
    queues: list[str]


async def drain(environ: Mapping[str, str], worker: str, grace_seconds: float) -> DrainBody:
    """Have a worker take nothing more, and give back what has not ended in time. Raises Refusal."""
    if not environ.get("FLOWRUN_REDIS_URL"):
        raise Refusal(409, "this server knows no Redis: start it with FLOWRUN_REDIS_URL")
    try:
        queues = await _told(environ, worker, int(grace_seconds * 1000))
    except UnaskedError as error:
        raise Refusal(503, str(error)) from error
    if not queues:
        raise Refusal(404, f"no worker is named {worker!r}; `GET /api/v1/workers` names those that are alive")
    return {"worker": worker, "queues": queues}


async def _told(environ: Mapping[str, str], worker: str, grace_ms: int) -> list[str]:
    from ..frq.control_message import ControlMessage
    from ..frq.fleet import fleet
    from ..frq.keys import Keys
    from ..frq.operator import Operator

    told = []
    async with redis_link(environ) as (pipeline, prefix):
        for queue in await queues_of(pipeline, prefix):
            keys = Keys(prefix, queue)
            if any(one.name == worker for one in await fleet(pipeline, keys)):
                await Operator(pipeline, keys).tell(ControlMessage("drain", worker=worker, grace_ms=grace_ms))
                told.append(queue)
    return told
