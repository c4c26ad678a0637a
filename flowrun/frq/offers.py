"""Offers: what the live workers of a queue can do, for the check before a run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from .connection import Connection
from .faults import AwayError, RefusedError
from .fleet import Worker, fleet
from .pipeline import Pipeline

_LONGEST_SECONDS = 2.0


async def offers(connection: Connection) -> dict[str, dict[str, Any] | None] | None:
    """The JSON Schema of the parameters by handler (None: anything); None: Redis cannot be asked now."""
    pipeline = Pipeline(connection.link())
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            return offers_of(await fleet(pipeline, connection.keys), connection.keys.queue)
    except (AwayError, RefusedError, TimeoutError):
        return None
    finally:
        await pipeline.close()


def offers_of(workers: Iterable[Worker], queue: str) -> dict[str, dict[str, Any] | None]:
    """The JSON Schema by handler, with a comment that says who announces it.

    Where workers differ, what suits one of them is right.
    """
    schemas: dict[str, list[dict[str, Any] | None]] = {}
    names: dict[str, list[str]] = {}
    for worker in workers:
        for name, schema in worker.handlers.items():
            names.setdefault(name, []).append(worker.name)
            known = schemas.setdefault(name, [])
            if schema not in known:
                known.append(schema)
    return {name: _any_of(known, _comment(names[name], queue)) for name, known in sorted(schemas.items())}


def _any_of(schemas: list[dict[str, Any] | None], comment: str) -> dict[str, Any] | None:
    if None in schemas:
        return None
    one: dict[str, Any] = schemas[0] or {} if len(schemas) == 1 else {"anyOf": schemas}
    return {**one, "$comment": comment}


def _comment(workers: list[str], queue: str) -> str:
    others = f" and {len(workers) - 1} more" if len(workers) > 1 else ""
    return f"{workers[0]}{others}, on the queue {queue!r}; `flowrun workers --queue {queue}` shows what they take"
