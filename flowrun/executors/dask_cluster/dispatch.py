"""Dispatch: the attempts of one run that are with a Dask cluster."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Coroutine, Iterable
from typing import Any

from ...attempt import Attempt, Outcome, Reason
from ...errors import ServiceUnreachableError
from ...eventbus.log import Severity
from ..executor import Emit, Ended, Workplace
from . import news
from .link import Link
from .parcels import Parcels
from .recalls import Recalls
from .sent import Sent

OpenLink = Callable[[Callable[[str, str, list[Any]], None]], Coroutine[Any, Any, Link]]
"""Makes a connection; whatever the workers say is told to the callable it is given."""

_PAUSE_SECONDS = 0.5
_SILENCE_SECONDS = 30.0
_KEPT_SECONDS = 0.05


class Dispatch:
    """Hands attempts over, hears how they go, and gives each exactly one outcome."""

    def __init__(
        self, workplace: Workplace, open_link: OpenLink, reconnect_seconds: float, staying: Collection[str] = ()
    ) -> None:
        """`staying`: the tasks whose results may stay on the cluster if they are large."""
        self._workplace = workplace
        self._open_link = open_link
        self._reconnect_seconds = reconnect_seconds
        self._parcels = Parcels(workplace, staying)
        self._link: Link | None = None
        self._under_way: dict[str, Sent] = {}
        self._waiting: dict[str, Sent] = {}
        self._recalls = Recalls(lambda: self._link, self._end_unwanted)
        self._settled: list[Sent] = []
        self._is_due = False
        self._errands: set[asyncio.Task[None]] = set()
        self._silence: asyncio.TimerHandle | None = None
        self._is_over = False

    async def open(self) -> None:
        """Connect. Raises ServiceUnreachableError."""
        self._link = await self._open_link(self._hear)

    @property
    def allowed_failures(self) -> int:
        """So many workers may die with an attempt before Dask gives it up."""
        return 0 if self._link is None else self._link.allowed_failures

    def let_go(self, tasks: Iterable[str]) -> None:
        """Nobody is given the results of these tasks any more."""
        self._parcels.kept.let_go(frozenset(tasks))

    async def bring_home(self) -> None:
        """What stayed on the cluster may still be asked for: have it in the files of the run."""
        if self._link is not None:
            await self._parcels.kept.bring_home(self._workplace.say)

    async def close(self) -> None:
        """The run is over."""
        self._is_over = True
        if self._silence is not None:
            self._silence.cancel()
        self._recalls.close()
        for errand in [*self._errands]:
            errand.cancel()
        link, self._link = self._link, None
        if link is not None:
            left = [sent.future for sent in self._under_way.values() if sent.future is not None]
            await link.close(left)

    # What the engine asks for.

    def begin(self, attempt: Attempt, emit: Emit, ended: Ended) -> None:
        """Have an attempt performed; all that begin in one turn of the loop are handed over together."""
        self._under_way[attempt.id] = self._waiting[attempt.id] = Sent(attempt, emit, ended)
        if self._silence is None:
            self._silence = asyncio.get_running_loop().call_later(_SILENCE_SECONDS, self._mention_silence)
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._hand_over)

    def command(self, attempt: Attempt, verb: bytes) -> None:
        """Ask an attempt to end (`A`) or kill it (`K`)."""
        sent = self._under_way.get(attempt.id)
        if sent is None:
            return
        if self._waiting.pop(attempt.id, None):
            asyncio.get_running_loop().call_soon(self._settle, sent, Outcome.aborted())
            return
        self._recalls.add(sent, verb)

    # On the way there.

    def _hand_over(self) -> None:
        self._is_due = False
        link = self._link
        if link is None or not self._waiting:
            return
        if not link.is_whole:
            self._lost(link)
            return
        orders = self._orders(link)
        arriving = {name: self._parcels.arriving(sent) for name in orders if (sent := self._waiting[name]).needs}
        try:
            futures = link.submit(orders, arriving) if orders else []
        except Exception:  # the connection has just been lost
            self._lost(link)
            return
        for name, future in zip(orders, futures, strict=True):
            sent = self._waiting.pop(name)
            sent.future = future
            sent.watch = asyncio.create_task(self._watch(sent, link))

    def _orders(self, link: Link) -> dict[str, bytes]:
        orders: dict[str, bytes] = {}
        shared = self._workplace.shared.texts()
        for name, sent in list(self._waiting.items()):
            packed = self._parcels.packed(sent, shared, link.id)
            if isinstance(packed, bytes):
                orders[name] = packed
            else:
                del self._waiting[name]
                self._settle(sent, packed)
        return orders

    # On the way back.

    def _hear(self, worker: str, address: str, batch: list[Any]) -> None:
        """A worker has news."""
        for what, *of in batch:
            if what == news.LACKS:
                if self._link is not None:
                    self._run_errand(self._equip(self._link, address))
                continue
            sent = self._under_way.get(of[0])
            if sent is None:
                continue
            if what == news.BEGAN:
                self._began(sent, worker, address)
            elif sent.worker == worker and what == news.SAID:
                sent.said(*of[1:])
            elif sent.worker == worker and what == news.ADVANCED:
                sent.advanced(*of[1:])
            elif sent.worker == worker and what == news.STAYED and self._link is not None:
                self._parcels.left(sent, of[1], self._link.kept(of[1]))
            elif sent.worker == worker and what == news.ENDED:
                self._ended(sent, Outcome.from_body(json.loads(of[1])))

    def _began(self, sent: Sent, worker: str, address: str) -> None:
        before = sent.address
        sent.began(worker, address, self._too_late)
        if sent.deliveries > 1:
            text = f"the worker {before} was lost; the attempt begins again on {address}"
            sent.said(Severity.WARNING.value, text, True)
            self._workplace.say(f"{sent.attempt.task}: {text}")

    def _ended(self, sent: Sent, outcome: Outcome) -> None:
        if sent.left is None:
            self._settle(sent, outcome)
        else:
            self._run_errand(self._settle_whole(sent, outcome))

    async def _settle_whole(self, sent: Sent, outcome: Outcome) -> None:
        self._settle(sent, await self._parcels.whole(sent, outcome))

    def _too_late(self, sent: Sent) -> None:
        self.command(sent.attempt, b"A")
        asyncio.get_running_loop().call_later(self._workplace.grace_seconds, self.command, sent.attempt, b"K")

    async def _equip(self, link: Link, address: str) -> None:
        try:
            await link.equip([address])
        except ServiceUnreachableError as error:
            self._workplace.say(str(error))

    async def _watch(self, sent: Sent, link: Link) -> None:
        """What Dask knows of the end of an attempt, if the worker has not told it."""
        error = await sent.future.exception()
        if sent.future.cancelled() and link.is_whole and sent.needs:
            self._settle(sent, self._parcels.without_arriving(sent))
        elif sent.future.cancelled():
            self._lost(link)
        elif error is not None:
            self._settle(sent, _outcome_of(error))
        elif sent.left is None:
            self._settle(sent, await self._fetched(sent, link))

    async def _fetched(self, sent: Sent, link: Link) -> Outcome:
        try:
            text = await link.fetched(sent.future)
        except Exception as error:
            return _lost(f"its outcome was lost with its worker: {type(error).__name__}: {error}")
        return _lost("it ended without a word") if text is None else Outcome.from_body(json.loads(text))

    def _settle(self, sent: Sent, outcome: Outcome) -> None:
        """The first outcome counts."""
        if self._under_way.get(sent.attempt.id) is not sent:
            return
        del self._under_way[sent.attempt.id]
        outcome = self._parcels.taken(sent, outcome)
        self._let_go_later(sent)
        sent.settle(outcome)

    def _let_go_later(self, sent: Sent) -> None:
        """Dask is told that nobody wants a task any more, of many in one message."""
        if not self._settled:
            asyncio.get_running_loop().call_later(_KEPT_SECONDS, self._settled.clear)
        self._settled.append(sent)

    def _end_unwanted(self, sent: Sent, why: str) -> bool:
        """Nobody waits for an attempt any more. False: it has ended."""
        is_under_way = self._under_way.get(sent.attempt.id) is sent
        self._settle(sent, Outcome.aborted(f"stopped from outside; {why}"))
        return is_under_way

    # When the scheduler is gone.

    def _lost(self, link: Link) -> None:
        """Everything under way is lost, and the cluster with it: Dask has one scheduler, which keeps nothing."""
        if self._link is not link or self._is_over:
            return
        self._link = None
        self._parcels.kept.clear()
        left = [sent for name, sent in self._under_way.items() if name not in self._waiting]
        for sent in left:
            self._settle(sent, _lost("the connection to the Dask scheduler was lost"))
        self._run_errand(self._reopen(link))

    async def _reopen(self, old: Link) -> None:
        seconds = self._reconnect_seconds
        self._workplace.say(f"the Dask scheduler is away, waiting for it up to {seconds:g} s")
        await old.close()
        error = await self._reopened(seconds)
        if error is not None:
            self._workplace.give_up(f"{error} (waited {seconds:g} s)")
            return
        self._workplace.say("the Dask scheduler is back")
        self._hand_over()

    async def _reopened(self, seconds: float) -> ServiceUnreachableError | None:
        """Try until it succeeds, or the time is over; then why not."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while True:
            try:
                self._link = await self._open_link(self._hear)
            except ServiceUnreachableError as error:
                if loop.time() >= until:
                    return error
            else:
                return None
            await asyncio.sleep(_PAUSE_SECONDS)

    def _mention_silence(self) -> None:
        """Somebody should know when nothing begins: the cluster may have no worker, or none with what is asked for."""
        if self._link is not None and self._under_way and not any(sent.worker for sent in self._under_way.values()):
            count = len(self._under_way)
            self._workplace.say(f"no worker has begun any of {count} attempts for {_SILENCE_SECONDS:g} s; waiting")

    def _run_errand(self, work: Coroutine[Any, Any, None]) -> None:
        errand = asyncio.create_task(work)
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)


def _lost(message: str) -> Outcome:
    return Outcome.failed(message, Reason.LOST).but(error_types=("Lost",))


def _outcome_of(error: BaseException) -> Outcome:
    """Why Dask could not have an attempt performed."""
    if type(error).__name__ == "KilledWorker":
        times = getattr(error, "allowed_failures", 0) + 1
        return _lost(f"{times} workers died one after the other while they performed it")
    message = f"the Dask cluster failed: {type(error).__name__}: {error}"
    return Outcome.failed(message, Reason.NOT_STARTED).but(error_types=("NotStarted",))
