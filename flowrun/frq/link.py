"""Link: one socket to Redis, which is opened again when it broke."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from hiredis import pack_command
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    RedisError,
    ResponseError,
)

from .faults import AccessError, AwayError, RefusedError

Argument = str | bytes | int | float
Command = Sequence[Argument]

_ELSEWHERE = frozenset({"MOVED", "ASK", "READONLY", "CLUSTERDOWN", "MASTERDOWN"})
"""Answers by which a server says that another one is the right one now."""


class Link:
    """One socket. Raises AwayError if the server is not there, and then looks for it anew with the next call."""

    def __init__(self, connect: Callable[[], Awaitable[AbstractConnection]], answer_seconds: float) -> None:
        """`connect` finds the server and opens a socket; a call that blocks there has its own time on top."""
        self._connect = connect
        self._answer_seconds = answer_seconds
        self._socket: AbstractConnection | None = None
        self._turn = asyncio.Lock()

    async def call(self, *command: Argument, blocks_seconds: float = 0.0) -> Any:
        """The answer to one command. Raises RefusedError if Redis refuses."""
        answer = (await self.calls([command], blocks_seconds=blocks_seconds))[0]
        if isinstance(answer, RefusedError):
            raise answer
        return answer

    async def calls(self, commands: Sequence[Command], *, blocks_seconds: float = 0.0) -> list[Any]:
        """The answers to commands that are sent together; a RefusedError stands in the place of its answer."""
        async with self._turn:
            try:
                async with asyncio.timeout(self._answer_seconds + blocks_seconds):
                    return await self._exchange(commands)
            except TimeoutError:
                await self._drop()
                raise AwayError(f"no answer for {self._answer_seconds + blocks_seconds:g} s") from None
            except (RedisError, OSError) as error:
                await self._drop()
                raise fault_of(error) from error
            except BaseException:  # an answer may still be on its way
                await self._drop()
                raise

    async def close(self) -> None:
        """Close the socket; a call that is waiting in another task raises AwayError."""
        await self._drop()

    async def _exchange(self, commands: Sequence[Command]) -> list[Any]:
        socket = self._socket
        if socket is None:
            socket = self._socket = await self._connect()
        await socket.send_packed_command([_packed(command) for command in commands], check_health=False)
        answers = [await _answer(socket) for _ in commands]
        for answer in answers:
            if isinstance(answer, RefusedError) and answer.code in _ELSEWHERE:
                await self._drop()
                raise AwayError(str(answer))
        return answers

    async def _drop(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.disconnect(nowait=True)


def _packed(command: Command) -> bytes:
    packed: bytes = pack_command(tuple(command))  # type: ignore[arg-type]  # its types allow one argument
    return packed


async def _answer(socket: AbstractConnection) -> Any:
    try:
        return await socket.read_response(disable_decoding=True)
    except ResponseError as error:
        return refusal_of(error)


def refusal_of(error: ResponseError) -> RefusedError:
    """The answer of Redis as it was."""
    code = getattr(error, "status_code", None)
    text = str(error)
    return RefusedError(text if not code or text.startswith(str(code)) else f"{code} {text}")


def fault_of(error: Exception) -> AwayError | RefusedError:
    """What an error means for somebody who has to decide whether to wait."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return AccessError(f"no TLS connection: {cause.reason or cause}")
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, AuthenticationError | AuthorizationError):
        return AccessError(f"not let in: {error}")
    if isinstance(error, ResponseError):
        return refusal_of(error)
    return AwayError(str(error) or type(error).__name__)
