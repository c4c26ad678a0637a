"""Link: one socket to Redis, which is opened again when it broke."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    RedisError,
    ResponseError,
)

from .exchange import Argument, Command, Exchange
from .faults import AccessError, AwayError, RefusedError

_AWAY = frozenset({"MOVED", "ASK", "READONLY", "CLUSTERDOWN", "MASTERDOWN", "LOADING"})
"""Answers by which a server says that another one is the right one now, or that none is."""
_NOT_LET_IN = frozenset({"NOAUTH", "WRONGPASS"})


class Link:
    """One socket. Raises AwayError if the server is not there, and then looks for it anew with the next call."""

    def __init__(self, connect: Callable[[], Awaitable[AbstractConnection]], answer_seconds: float) -> None:
        """`connect` finds the server and opens a socket; a call that blocks there has its own time on top."""
        self._connect = connect
        self._answer_seconds = answer_seconds
        self._exchange: Exchange | None = None
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
                exchange = self._exchange or await self._opened()
                answers = await exchange.ask(commands, self._answer_seconds + blocks_seconds)
                for answer in answers:
                    if type(answer) is RefusedError:
                        _look_at(answer)
                return answers
            except BaseException:  # an answer may still be on its way
                await self._drop()
                raise

    async def close(self) -> None:
        """Close the socket; a call that is waiting in another task raises AwayError."""
        await self._drop()

    async def _opened(self) -> Exchange:
        try:
            async with asyncio.timeout(self._answer_seconds):
                exchange = self._exchange = Exchange(await self._connect())
                return exchange
        except TimeoutError:
            raise AwayError(f"no answer for {self._answer_seconds:g} s") from None
        except (RedisError, OSError) as error:
            raise fault_of(error) from error

    async def _drop(self) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            await exchange.close()


def _look_at(refusal: RefusedError) -> None:
    """Raise AwayError if this is not the server to ask, or it is not asked by whom it knows."""
    if refusal.code in _AWAY:
        raise AwayError(str(refusal))
    if refusal.code in _NOT_LET_IN:
        raise AccessError(f"not let in: {refusal}")


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
