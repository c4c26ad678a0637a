"""EventStream: the answer that never ends by itself, to somebody who watches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .connection import ABORT
from .viewer import Viewer

_SEND_SECONDS = 20.0
"""Who takes nothing for so long is not there any more."""


class EventStream(Response):
    """Sends what a viewer is to see until one of both goes."""

    media_type = "text/event-stream"

    def __init__(self, watching: AbstractAsyncContextManager[Viewer]) -> None:
        """`watching` gives the viewer, and is left when the stream is over."""
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._watching = watching

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until it is over."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with self._watching as viewer, _noticing(receive, viewer.end):
            while (data := await viewer.next()) is not None:
                try:
                    async with asyncio.timeout(_SEND_SECONDS):
                        await send({"type": "http.response.body", "body": data, "more_body": True})
                except TimeoutError:
                    viewer.is_cut_off = True
                    break
        if viewer.is_cut_off and ABORT in scope:
            scope[ABORT]()
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@asynccontextmanager
async def _noticing(receive: Receive, gone: Callable[[], None]) -> AsyncIterator[None]:
    """Call `gone` as soon as the other side has hung up."""

    async def listen() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        gone()

    listening = asyncio.create_task(listen())
    try:
        yield
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
