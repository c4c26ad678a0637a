"""Server: listens, answers until it is told to stop, and stops within seconds, whoever still watches."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import resource
import signal
import socket
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace

import uvicorn

from ..errors import StateError, UsageError
from .application import Report, application
from .connection import Connection
from .settings import Settings
from .site import Site

_BACKLOG = 512
_CLOSE_SECONDS = 2
_MOST_CONNECTIONS = 2000
_MOST_DESCRIPTORS = 4096
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def serve(
    settings: Settings, environ: Mapping[str, str], report: Report, when_ready: Callable[[Settings], None]
) -> int:
    """Serve until a signal comes; gives the exit status. `when_ready` hears where it listens.

    Raises UsageError if it cannot listen there, and StateError if the history cannot be read.
    """
    _allow_descriptors()
    listening = _listening(settings)
    settings = replace(settings, port=listening.getsockname()[1])
    logging.getLogger("uvicorn.error").addHandler(logging.NullHandler())
    logging.getLogger("uvicorn.error").propagate = False
    return asyncio.run(_serve(settings, environ, report, when_ready, listening))


async def _serve(
    settings: Settings,
    environ: Mapping[str, str],
    report: Report,
    when_ready: Callable[[Settings], None],
    listening: socket.socket,
) -> int:
    site = Site.of(settings, environ)
    with contextlib.suppress(StateError):  # it may be readable later; /readyz says so
        await asyncio.to_thread(site.history.refresh)
    config = uvicorn.Config(
        application(site, report),
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=_BACKLOG,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=_CLOSE_SECONDS,
    )
    server = _Server(config, site)
    when_ready(settings)
    await server.serve(sockets=[listening])
    return server.status


class _Server(uvicorn.Server):
    """Stops on a signal, and tells those who watch before it waits for them."""

    def __init__(self, config: uvicorn.Config, site: Site) -> None:
        super().__init__(config)
        self.status = 0
        self._site = site

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """A signal ends the server. uvicorn would send it again afterwards."""
        loop = asyncio.get_running_loop()
        for number in _STOPS:
            if signal.getsignal(number) != signal.SIG_IGN:
                loop.add_signal_handler(number, self._stop, number)
        try:
            yield
        finally:
            for number in _STOPS:
                loop.remove_signal_handler(number)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams first: they never end by themselves."""
        self._site.feed.close()
        await super().shutdown(sockets)

    def _stop(self, number: int) -> None:
        """The first signal ends it in peace; with the second it does not wait for anybody."""
        if self.should_exit:
            self.force_exit = True
            self.status = 128 + number
        self.should_exit = True


def _allow_descriptors() -> None:
    """Everybody who watches needs one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < _MOST_DESCRIPTORS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(_MOST_DESCRIPTORS, hard), hard))


def _listening(settings: Settings) -> socket.socket:
    """A socket that listens, before anything else is done. Raises UsageError if there cannot be one."""
    where = f"{settings.host}:{settings.port}"
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise UsageError(f"cannot listen on {where}: {error}") from error
    family, kind, protocol, _name, address = found[0]
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise UsageError(f"cannot listen on {where}: {error.strerror}; `--port` takes another one") from error
    listening.set_inheritable(False)
    return listening
