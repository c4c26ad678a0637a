"""Control: listens to what is said to all workers of a queue: cancel, drain, pause, resume."""

from __future__ import annotations

from collections.abc import Callable

from ..frq.connection import Connection
from ..frq.control_message import ControlMessage
from ..frq.faults import UnreadableError
from ..frq.fields import Fields, paired
from .reach import Reach

_BLOCK_MS = 2000
_MOST_TOGETHER = 100
_BEGINNING = "0-0"


class Control:
    """Reads the stream of controls from the moment on at which it begins to listen, without a gap."""

    def __init__(
        self, connection: Connection, worker: str, reach: Reach, obey: Callable[[ControlMessage], None]
    ) -> None:
        """`obey` is given what concerns this worker."""
        self._link = connection.link()
        self._stream = connection.keys.control
        self._worker = worker
        self._reach = reach
        self._obey = obey
        self._position = ""

    async def listen(self) -> None:
        """Listen for ever."""
        self._position = await self._reach.insist(self._end)
        while True:
            await self._reach.insist(self._read)

    async def close(self) -> None:
        """Listen no more."""
        await self._link.close()

    async def _end(self) -> str:
        """Where the stream ends now: `$` in every read would miss what comes between two."""
        last = await self._link.call("XREVRANGE", self._stream, "+", "-", "COUNT", 1)
        return last[0][0].decode() if last else _BEGINNING

    async def _read(self) -> None:
        answer = await self._link.call(
            "XREAD", "COUNT", _MOST_TOGETHER, "BLOCK", _BLOCK_MS, "STREAMS", self._stream, self._position,
            blocks_seconds=_BLOCK_MS / 1000,
        )  # fmt: skip
        for _stream, entries in answer or ():
            for entry, fields in entries:
                self._position = entry.decode()
                self._take(paired(fields))

    def _take(self, fields: Fields) -> None:
        try:
            message = ControlMessage.from_fields(fields)
        except UnreadableError:
            return  # of a later version, or of somebody else
        if message.kind == "cancel" or message.worker in ("*", self._worker):
            self._obey(message)
