"""Recalls: attempts that are to end before they are done, many in one call."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable

from .link import Link
from .sent import Sent

_LAST_WAIT_SECONDS = 0.8
"""A killed attempt of which its worker does not tell so long is withdrawn."""


class Recalls:
    """Asks the workers to end attempts (`A`) or kill them (`K`), and withdraws what none of them has."""

    def __init__(self, link: Callable[[], Link | None], end: Callable[[Sent, str], bool]) -> None:
        """`end` is told which attempt is withdrawn and why; it answers whether that had still been under way."""
        self._link = link
        self._end = end
        self._wanted: dict[bytes, list[Sent]] = {}
        self._errands: set[asyncio.Task[None]] = set()

    def add(self, sent: Sent, verb: bytes) -> None:
        """One more; all of one turn of the loop go together."""
        if verb not in self._wanted:
            self._wanted[verb] = []
            asyncio.get_running_loop().call_soon(self._send, verb)
        self._wanted[verb].append(sent)

    def close(self) -> None:
        """The run is over."""
        for errand in [*self._errands]:
            errand.cancel()

    def _send(self, verb: bytes) -> None:
        link = self._link()
        wanted = self._wanted.pop(verb)
        if link is not None:
            errand = asyncio.create_task(self._recall(link, wanted, verb))
            self._errands.add(errand)
            errand.add_done_callback(self._errands.discard)

    async def _recall(self, link: Link, wanted: list[Sent], verb: bytes) -> None:
        names = [sent.attempt.id for sent in wanted]
        addresses = {sent.address for sent in wanted}
        with contextlib.suppress(Exception):  # a worker that is just being lost
            found = await link.command(names, verb, None if "" in addresses else list(addresses))
            missing = [sent for sent in wanted if sent.attempt.id not in found and not sent.worker]
            await self._withdraw(link, missing, "was not started")
        if verb == b"K":
            await asyncio.sleep(_LAST_WAIT_SECONDS)
            await self._withdraw(link, wanted, "its worker does not answer")

    async def _withdraw(self, link: Link, unwanted: Iterable[Sent], why: str) -> None:
        futures = [sent.future for sent in unwanted if self._end(sent, why)]
        if futures:
            with contextlib.suppress(Exception):  # then the scheduler is gone, and they with it
                await link.withdraw(futures)
