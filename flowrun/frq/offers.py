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
            return offers_of(await fleet(pipeline, connection.keys))
    except (AwayError, RefusedError, TimeoutError):
        return None
    finally:
        await pipeline.close()


def offers_of(workers: Iterable[Worker]) -> dict[str, dict[str, Any] | None]:
    """The JSON Schema by handler. Where workers differ, what suits one of them is right."""
    schemas: dict[str, list[dict[str, Any] | None]] = {}
    for worker in workers:
        for name, schema in worker.handlers.items():
            known = schemas.setdefault(name, [])
            if schema not in known:
                known.append(schema)
    return {name: _any_of(known) for name, known in sorted(schemas.items())}


def _any_of(schemas: list[dict[str, Any] | None]) -> dict[str, Any] | None:
    if None in schemas:
        return None
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
