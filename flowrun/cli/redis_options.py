"""The options that say where a queue is, as every command about queues has them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import UsageError
from .needed_extra import needs_extra

if TYPE_CHECKING:
    from ..frq.connection import Connection
    from ..frq.keys import Keys
    from ..frq.pipeline import Pipeline

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def redis_options(command: F) -> F:
    """Give a command the options that say where Redis and its queue are."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def connection_to(given: Mapping[str, Any], name: str) -> Connection:
    """How the queue that is named can be reached; `name` is what Redis is told. Raises UsageError."""
    with needs_extra("redis", "redis", "hiredis"):
        from ..frq.connection import Connection
    from ..frq.address import Address, Tls
    from ..frq.keys import Keys

    try:
        tls = Tls(given["tls_ca"], given["tls_cert"], given["tls_key"])
        address = Address.parse(given["redis"], tls, is_insecure=given["insecure"])
        return Connection(address, Keys(given["prefix"], given["queue"]), name=name)
    except ValueError as error:
        raise UsageError(str(error).replace("`insecure: true`", "--insecure")) from None


def ask_redis(given: Mapping[str, Any], ask: Callable[[Pipeline, Keys], Awaitable[T]]) -> T:
    """What is asked of the queue that is named. Raises ServiceUnreachableError if Redis cannot be asked."""
    import asyncio

    from ..errors import ServiceUnreachableError

    connection = connection_to(given, "flowrun")
    from ..frq.faults import AwayError, RefusedError
    from ..frq.pipeline import Pipeline

    async def visit() -> T:
        pipeline = Pipeline(connection.link())
        try:
            return await ask(pipeline, connection.keys)
        except (AwayError, RefusedError) as error:
            shown = connection.address.shown
            raise ServiceUnreachableError(f"Redis at {shown} cannot be used: {error}") from error
        finally:
            await pipeline.close()

    return asyncio.run(visit())


_OPTIONS = (
    click.option(
        "--redis",
        metavar="URL",
        envvar="FLOWRUN_REDIS_URL",
        default="redis://127.0.0.1:6379/0",
        help="Where Redis is: redis://, rediss:// (TLS), unix://, redis+sentinel://, redis+cluster://. "
        "A password belongs into FLOWRUN_REDIS_URL, which no list of processes shows.",
    ),
    click.option(
        "--queue", metavar="NAME", envvar="FLOWRUN_QUEUE", default="default", show_default=True, help="The queue."
    ),
    click.option(
        "--prefix",
        metavar="TEXT",
        envvar="FLOWRUN_PREFIX",
        default="flowrun",
        show_default=True,
        help="What all keys in Redis begin with.",
    ),
    click.option("--tls-ca", type=_FILE, metavar="FILE", envvar="FLOWRUN_TLS_CA", help="Authority of the server."),
    click.option("--tls-cert", type=_FILE, metavar="FILE", envvar="FLOWRUN_TLS_CERT", help="Our own certificate."),
    click.option("--tls-key", type=_FILE, metavar="FILE", envvar="FLOWRUN_TLS_KEY", help="The key of our certificate."),
    click.option(
        "--insecure", is_flag=True, envvar="FLOWRUN_INSECURE", help="Allow a connection that is not encrypted."
    ),
)
