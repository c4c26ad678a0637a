"""Delivery: one attempt with this worker, from the claim to the result."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from ..attempt import Attempt, Outcome, Reason
from ..engine.running import as_cut_short
from ..executors.executor import Emit
from ..frq.consumer import Claimed
from ..frq.message import TaskMessage
from ..frq.status import ErrorCode, Status
from ..secrets.mask import Mask
from .answer import Answer, answer_of, refused
from .crew import Crew
from .moment import now_ms
from .voice import Voice

if TYPE_CHECKING:
    from .desk import Desk, Packed

GRACE_SECONDS = 10.0
"""Between asking an attempt to end and killing it, where nobody says another time."""
_UNTOLD_SECONDS = 0.02
"""Of what ends sooner, the result alone says that it has begun."""
_LAST_WAIT_SECONDS = 1.0
"""What has not ended so long after it was killed is left behind."""


class Delivery:
    """Has one attempt performed and reports how it ended, as long as its lease is held."""

    def __init__(self, claimed: Claimed, message: TaskMessage, desk: Desk) -> None:
        self.claimed = claimed
        self.message = message
        self.cut_short: Reason | None = None
        """Why the attempt was asked to end."""
        self.is_lost = False
        """Another worker has it, or nobody: nothing that comes of it counts."""
        self.is_given_back = False
        """The worker leaves: if it does not complete in time, another worker is to perform it."""
        self.is_over = asyncio.Event()
        """The attempt has ended, whatever came of it."""
        self._desk = desk
        self._voice = Voice(desk.wire(claimed, message), desk.backlog, now_ms)
        self._under_way: tuple[Crew, Attempt] | None = None
        self._outcome: asyncio.Future[Outcome] | None = None
        self._errands: set[asyncio.Task[None]] = set()

    async def see_through(self) -> None:
        """Have it performed, and report, give back or forget it."""
        desk = self._desk
        try:
            answer = await self._answer()
            if self.is_lost:
                desk.metrics.fenced.inc()
            elif self.is_given_back and not answer.is_ok:
                await desk.give_back(self.claimed)
            else:
                await desk.finish(self.claimed, self.message, answer, await self._voice.close())
        finally:
            if self._voice.dropped:
                desk.metrics.log_dropped.inc(self._voice.dropped)
            desk.holdings.remove(self)

    def abort(self, reason: Reason, grace_seconds: float = GRACE_SECONDS) -> None:
        """Ask the attempt to end; after the grace time it is killed. Asking again can only shorten that."""
        if self.cut_short is None:
            self.cut_short = reason
            if self._under_way is not None:
                crew, attempt = self._under_way
                self._run_errand(crew.abort(attempt))
        asyncio.get_running_loop().call_later(grace_seconds, self.kill)

    def kill(self) -> None:
        """End the attempt at once."""
        self.cut_short = self.cut_short or Reason.ABORTED
        if self._under_way is not None:
            crew, attempt = self._under_way
            self._run_errand(crew.kill(attempt))
            asyncio.get_running_loop().call_later(_LAST_WAIT_SECONDS, self._leave_behind)

    def lose(self) -> None:
        """The lease is gone: the attempt is to end, and nobody hears of it any more."""
        if not self.is_lost:
            self.is_lost = True
            self._voice.fall_silent()
            self.abort(Reason.LOST)

    async def _answer(self) -> Answer:
        """What comes of it."""
        try:
            refusal = await self._desk.refusal(self.claimed, self.message)
            if refusal is not None:
                return refusal
            return await self._answer_of(await self._desk.unpacked(self.message))
        except ValueError as error:
            return refused(Status.REJECTED, ErrorCode.BAD_PARAMS, str(error))
        finally:
            self.is_over.set()
            self._desk.holdings.report()

    async def _answer_of(self, packed: Packed) -> Answer:
        """Have it performed when its turn has come: it may come twice, and is not performed twice at the same time."""
        name, holdings = packed.attempt.full_id, self._desk.holdings
        await holdings.take_turn(name, self)
        try:
            crew = await self._desk.crews.ready()
            if self.cut_short is not None:
                return refused(Status.CANCELLED, "cancelled", "called back before it began")
            return await self._performed(crew, packed)
        finally:
            holdings.end_turn(name)

    async def _performed(self, crew: Crew, packed: Packed) -> Answer:
        loop, message = asyncio.get_running_loop(), self.message
        begun, outcome = loop.time(), loop.create_future()
        self._outcome = outcome
        try:
            crew.begin(packed.attempt, packed.shared, self._heard_through(packed.mask), self._ended)
        except OSError as error:  # no descriptors are left
            return answer_of(Outcome.failed(f"it could not be started: {error}", Reason.NOT_STARTED), {})
        self._under_way = crew, packed.attempt
        telling = loop.call_later(_UNTOLD_SECONDS, self._desk.tell_started, self.claimed, message, now_ms())
        limit = message.timeout_ms / 1000 if message.timeout_ms else None
        timer = loop.call_later(limit, self.abort, Reason.TIMED_OUT) if limit else None
        try:
            ended = packed.mask.outcome(await outcome)
        finally:
            self._under_way = None
            telling.cancel()
            if timer is not None:
                timer.cancel()
            await crew.ended()
        seconds = loop.time() - begun
        self._desk.metrics.task_seconds(message.handler).observe(seconds)
        metrics = {"wall_ms": round(1000 * seconds, 3)}
        return answer_of(as_cut_short(ended, self.cut_short, limit), metrics, message.content_type)

    def _heard_through(self, mask: Mask) -> Emit:
        return (lambda event: self._voice.hear(mask.event(event))) if mask else self._voice.hear

    def _ended(self, outcome: Outcome) -> None:
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_result(outcome)

    def _leave_behind(self) -> None:
        self._ended(Outcome.failed("could not be stopped", Reason.LOST).but(abandoned=True))

    def _run_errand(self, work: Coroutine[Any, Any, None]) -> None:
        errand = asyncio.create_task(work)
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)
