"""Exchange: one open socket to Redis, on which commands go out and their answers come in, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from hiredis import HiredisError, Reader, pack_command
from redis.asyncio.connection import AbstractConnection

from .faults import AwayError, RefusedError

Argument = str | bytes | int | float
Command = Sequence[Argument]


class Exchange(asyncio.Protocol):
    """Takes over the socket of a connection that redis-py has opened.

    It is read without the streams of asyncio: an answer reaches whoever waits for it at the first waking.
    """

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._reader = Reader(protocolError=AwayError, replyError=RefusedError)
        self._answers: list[Any] = []
        self._wanted = 0
        self._done: asyncio.Future[list[Any]] | None = None
        self._fault: AwayError | None = None
        writer = connection._writer  # redis-py has no other name for it
        if writer is None:
            raise AwayError("the connection was closed")
        self._transport = writer.transport
        self._transport.set_protocol(self)

    async def ask(self, commands: Sequence[Command], patience_seconds: float) -> list[Any]:
        """The answers; what is refused has a RefusedError in its place. One at a time; raises AwayError."""
        if self._fault is not None:
            raise self._fault
        self._answers, self._wanted = [], len(commands)
        self._done = self._loop.create_future()
        self._transport.write(b"".join([pack_command(tuple(command)) for command in commands]))  # type: ignore[arg-type]  # its types allow one argument
        timer = self._loop.call_later(patience_seconds, self._fail, f"no answer for {patience_seconds:g} s")
        try:
            return await self._done
        finally:
            timer.cancel()

    async def close(self) -> None:
        """Whoever waits gets AwayError."""
        self._fail("the connection was closed")
        await self._connection.disconnect(nowait=True)

    # Called by the event loop:

    def data_received(self, data: bytes) -> None:
        reader, answers = self._reader, self._answers
        try:
            reader.feed(data)
            while (answer := reader.gets(False)) is not False:
                answers.append(answer)
        except (HiredisError, AwayError) as error:
            self._fail(f"the answer is none of Redis: {error}")
            return
        if len(answers) >= self._wanted and self._done is not None and not self._done.done():
            self._done.set_result(answers)

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(str(error) if error and str(error) else "the connection was closed by the server")

    def _fail(self, why: str) -> None:
        self._fault = self._fault or AwayError(why)
        if self._done is not None and not self._done.done():
            self._done.set_exception(self._fault)
