"""Endpoint: answers probes and scrapers over HTTP: `/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..errors import UsageError

_PATIENCE_SECONDS = 5.0
_LONGEST_REQUEST = 8192
_PHRASES = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


class Answer(NamedTuple):
    """What is answered to a request."""

    status: int
    body: bytes
    content_type: str = "text/plain; charset=utf-8"


Page = Callable[[], Answer]


class Endpoint:
    """A small server. Nobody can change anything through it."""

    def __init__(self, pages: Mapping[str, Page]) -> None:
        """`pages` are those that there are, by path."""
        self._pages = pages
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> str:
        """Listen; gives the address. Raises UsageError if somebody else does there."""
        try:
            self._server = await asyncio.start_server(self._serve, host, port, limit=_LONGEST_REQUEST)
        except OSError as error:
            raise UsageError(f"--listen {host}:{port}: {error.strerror or error}") from None
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answered(head))
                await writer.drain()
        except (TimeoutError, OSError, EOFError, asyncio.LimitOverrunError):
            pass  # whoever asked has gone, or asks for nothing that there is
        finally:
            writer.close()

    def _answered(self, head: bytes) -> bytes:
        method, _, rest = head.partition(b" ")
        path = rest.partition(b" ")[0].partition(b"?")[0].decode("latin-1")
        status, body, content_type = self._answer(method, path)
        lines = (
            f"HTTP/1.1 {status} {_PHRASES[status]}",
            f"Content-Type: {content_type}",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "Connection: close",
        )
        return "\r\n".join((*lines, "", "")).encode() + (b"" if method == b"HEAD" else body)

    def _answer(self, method: bytes, path: str) -> Answer:
        if method not in (b"GET", b"HEAD"):
            return Answer(405, b"only GET is answered here\n")
        page = self._pages.get(path)
        return Answer(404, f"there are: {', '.join(self._pages)}\n".encode()) if page is None else page()
