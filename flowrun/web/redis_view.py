"""What Redis knows of workers and queues."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from .redis_link import UnaskedError, redis_link

if TYPE_CHECKING:
    from ..frq.keys import Keys
    from ..frq.pipeline import Pipeline

_MOST_QUEUES = 200
_MOST_SCANS = 50


class WorkerBody(TypedDict):
    """A worker that is alive. `state` is `idle`, `working`, `paused`, or `ending` if it was told to."""

    id: str
    queue: str
    host: str
    pid: int
    language: str
    version: str
    labels: dict[str, str]
    handlers: list[str]
    state: str
    slots: int
    busy: int
    age_seconds: float


class QueueBody(TypedDict):
    """A queue, and what waits in it. `age_seconds` of a worker is the time since its last heartbeat."""

    queue: str
    waiting: int
    pending: int
    dead: int
    oldest_seconds: float | None


@dataclass(slots=True)
class Seen:
    """What was seen."""

    is_configured: bool
    notice: str = ""
    """Why nothing was."""
    workers: list[WorkerBody] = field(default_factory=list)
    queues: list[QueueBody] = field(default_factory=list)


async def look(environ: Mapping[str, str]) -> Seen:
    """Ask the server that FLOWRUN_REDIS_URL names. Passwords are not in what is said."""
    if not environ.get("FLOWRUN_REDIS_URL"):
        return Seen(is_configured=False)
    try:
        async with redis_link(environ) as (pipeline, prefix):
            return await _asked(pipeline, prefix)
    except UnaskedError as error:
        return Seen(is_configured=True, notice=str(error))


async def _asked(pipeline: Pipeline, prefix: str) -> Seen:
    from ..frq.fleet import fleet
    from ..frq.keys import Keys

    seen = Seen(is_configured=True)
    for name in await queues_of(pipeline, prefix):
        keys = Keys(prefix, name)
        seen.queues.append(await _queue(pipeline, keys))
        seen.workers += [
            {
                "id": worker.name,
                "queue": name,
                "host": worker.host,
                "pid": worker.pid,
                "language": worker.lang,
                "version": worker.version,
                "labels": dict(worker.labels),
                "handlers": sorted(worker.handlers),
                "state": worker.doing,
                "slots": worker.slots,
                "busy": worker.running,
                "age_seconds": round(worker.silent_ms / 1000, 3),
            }
            for worker in await fleet(pipeline, keys)
        ]
    return seen


async def queues_of(pipeline: Pipeline, prefix: str) -> list[str]:
    """The names of the queues that have tasks or workers."""
    form = re.compile(re.escape(prefix) + r":\{([a-z0-9._-]{1,64})\}:(?:tasks|workers)")
    found: set[str] = set()
    cursor: Any = b"0"
    for _ in range(_MOST_SCANS):
        cursor, names = await pipeline.command("SCAN", cursor, "MATCH", f"{_literal(prefix)}:{{*}}:*s", "COUNT", 1000)
        found.update(match[1] for name in names if (match := form.fullmatch(name.decode("utf-8", "replace"))))
        if cursor == b"0":
            break
    return sorted(found)[:_MOST_QUEUES]


async def _queue(pipeline: Pipeline, keys: Keys) -> QueueBody:
    from ..frq.faults import RefusedError
    from ..frq.keys import GROUP

    length, dead = pipeline.command("XLEN", keys.tasks), pipeline.command("XLEN", keys.dead)
    try:
        groups = [_fields(group) for group in await pipeline.command("XINFO", "GROUPS", keys.tasks)]
    except RefusedError:  # there is no stream yet
        groups = []
    group = next((one for one in groups if one.get("name") == GROUP.encode()), {})
    after = group.get("last-delivered-id", b"0-0").decode()
    first = await pipeline.command("XRANGE", keys.tasks, f"({after}", "+", "COUNT", 1)
    seconds, micros = await pipeline.command("TIME")
    now_ms = int(seconds) * 1000 + int(micros) // 1000
    pending, lag = int(group.get("pending") or 0), group.get("lag")
    return {
        "queue": keys.queue,
        "waiting": int(lag) if lag is not None else max(0, int(await length) - pending),
        "pending": pending,
        "dead": int(await dead),
        "oldest_seconds": max(0, now_ms - int(first[0][0].split(b"-")[0])) / 1000 if first else None,
    }


def _fields(flat: Any) -> dict[str, Any]:
    return {flat[at].decode(): flat[at + 1] for at in range(0, len(flat) - 1, 2)}


def _literal(prefix: str) -> str:
    """The prefix as a pattern that fits nothing else."""
    return re.sub(r"([\[\]*?\\])", r"\\\1", prefix)
