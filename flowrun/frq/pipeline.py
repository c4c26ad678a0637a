"""Pipeline: calls of many that leave together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from .exchange import Argument, Command
from .faults import AwayError, RefusedError
from .link import Link
from .scripts import Script

_MOST_TOGETHER = 256

_Call = tuple[Command, Script | None, "asyncio.Future[Any] | None"]


class Pipeline:
    """Calls that come while one batch is under way leave together in the next: no timer, and no delay."""

    def __init__(self, link: Link, most_together: int = _MOST_TOGETHER) -> None:
        """`link` belongs to the pipeline from now on."""
        self._link = link
        self._most_together = most_together
        self._waiting: deque[_Call] = deque()
        self._sender: asyncio.Task[None] | None = None

    def command(self, *command: Argument) -> asyncio.Future[Any]:
        """Its answer. Raises AwayError (it may have been done) or RefusedError where it is awaited."""
        return self._put(command, None)

    def script(self, script: Script, keys: Sequence[str], *arguments: Argument) -> asyncio.Future[Any]:
        """The answer of a script, as `command` gives it."""
        return self._put(("EVALSHA", script.sha, len(keys), *keys, *arguments), script)

    def post(self, *command: Argument) -> None:
        """Send a command whose answer nobody needs."""
        self._enqueue((command, None, None))

    async def flush(self) -> None:
        """Return when everything is sent and answered that was asked until now."""
        while self._sender is not None and not self._sender.done():
            await asyncio.wait([self._sender])

    async def close(self) -> None:
        """Close the socket. Whoever still waits gets AwayError."""
        sender, self._sender = self._sender, None
        if sender is not None:
            sender.cancel()
            with suppress(asyncio.CancelledError):
                await sender
        for _command, _script, future in self._waiting:
            _settle(future, AwayError("the connection was closed"))
        self._waiting.clear()
        await self._link.close()

    def _put(self, command: Command, script: Script | None) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._enqueue((command, script, future))
        return future

    def _enqueue(self, call: _Call) -> None:
        self._waiting.append(call)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send_all())

    async def _send_all(self) -> None:
        while self._waiting:
            calls = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._most_together))]
            try:
                answers = await self._answers(calls)
            except (AwayError, RefusedError) as error:
                answers = [error] * len(calls)
            except BaseException:
                for _command, _script, future in calls:
                    _settle(future, AwayError("the connection was closed"))
                raise
            for (_command, _script, future), answer in zip(calls, answers, strict=True):
                _settle(future, answer)

    async def _answers(self, calls: Sequence[_Call]) -> list[Any]:
        """The answers; scripts that Redis has forgotten are loaded, and only the calls that it refused are repeated."""
        answers = await self._link.calls([command for command, _script, _future in calls])
        forgotten = [
            (position, calls[position])
            for position, answer in enumerate(answers)
            if isinstance(answer, RefusedError) and answer.code == "NOSCRIPT"
        ]
        if forgotten:
            scripts = {script for _position, (_command, script, _future) in forgotten if script is not None}
            loads: list[Command] = [("SCRIPT", "LOAD", script.text) for script in scripts]
            again = await self._link.calls(loads + [command for _position, (command, *_rest) in forgotten])
            for (position, _call), answer in zip(forgotten, again[len(loads) :], strict=True):
                answers[position] = answer
        return answers


def _settle(future: asyncio.Future[Any] | None, answer: Any) -> None:
    if future is None or future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
        future.exception()  # who did not wait for it does not care
    else:
        future.set_result(answer)
