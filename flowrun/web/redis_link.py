"""RedisLink: a short conversation with the Redis that a server knows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..frq.address import Address
    from ..frq.pipeline import Pipeline

_SECONDS = 3.0


class RedisLink(NamedTuple):
    """Where to ask, and what the names of all keys begin with."""

    pipeline: Pipeline
    prefix: str


class UnaskedError(Exception):
    """Why Redis could not be asked. Passwords are not in what is said."""


@asynccontextmanager
async def redis_link(environ: Mapping[str, str]) -> AsyncIterator[RedisLink]:
    """Ask the server that FLOWRUN_REDIS_URL names, for some seconds. Raises UnaskedError."""
    try:
        async with _linked(environ) as link:
            yield link
    except ModuleNotFoundError:
        raise UnaskedError("this needs the extra 'redis': pip install 'flowrun-jobs[redis]'") from None
    except ValueError as error:
        raise UnaskedError(f"FLOWRUN_REDIS_URL: {error}") from error


@asynccontextmanager
async def _linked(environ: Mapping[str, str]) -> AsyncIterator[RedisLink]:
    from ..frq.connection import Connection
    from ..frq.faults import AwayError, RefusedError
    from ..frq.keys import Keys
    from ..frq.pipeline import Pipeline

    prefix = environ.get("FLOWRUN_PREFIX") or "flowrun"
    connection = Connection(_address(environ), Keys(prefix), name="flowrun-serve", answer_seconds=_SECONDS)
    pipeline = Pipeline(connection.link())
    try:
        async with asyncio.timeout(_SECONDS):
            yield RedisLink(pipeline, prefix)
    except (AwayError, RefusedError) as error:
        raise UnaskedError(str(error)) from error
    except TimeoutError:
        raise UnaskedError(f"Redis has not answered within {_SECONDS:g} s") from None
    finally:
        await pipeline.close()


def _address(environ: Mapping[str, str]) -> Address:
    from ..frq.address import Address, Tls

    files = [environ.get(f"FLOWRUN_TLS_{name}") for name in ("CA", "CERT", "KEY")]
    is_insecure = environ.get("FLOWRUN_INSECURE", "").lower() in ("1", "true", "yes", "on")
    tls = Tls(*(Path(file) if file else None for file in files))
    return Address.parse(environ["FLOWRUN_REDIS_URL"], tls, is_insecure=is_insecure)
