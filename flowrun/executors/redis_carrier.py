"""RedisCarrier: the runner's side of attempts that workers elsewhere perform."""

from __future__ import annotations

import asyncio
import contextlib

from ..attempt import Attempt, Outcome
from ..errors import FlowrunError, ServiceUnreachableError
from ..frq.client import Client, Submission
from ..frq.connection import Connection
from ..frq.faults import AccessError, AwayError, RefusedError, UnreadableError
from ..frq.fleet import fleet
from ..frq.keys import attempt_id
from ..frq.memory_policy import evicts
from ..frq.message import ResultMessage
from ..frq.patience import GivenUpError, Patience
from ..frq.pipeline import Pipeline
from ..frq.status import Status
from ..frq.unserved import Unserved
from ..frq.verdict import is_of_nobody, lost, not_started, unreadable
from ..frq.window import Window
from .executor import Emit, Workplace
from .redis_attempt import RedisAttempt
from .redis_ended import Ended
from .redis_parcels import Parcels, Terms
from .redis_session import RedisSession

_LAST_WAIT_SECONDS = 0.7
"""A killed attempt of which its worker does not tell so long is left to it."""
_TAKEOVER_SECONDS = 3.0
"""When the lease of a worker is over, another has noticed after this time."""
_NO_ENTRY = "0-0"
"""In place of the entry of an attempt that has ended, as long as its result has not come."""
_NOT_ADOPTED = frozenset({Status.CANCELLED, Status.EXPIRED})
"""Results that an earlier life of the run wanted, and this one does not."""


class RedisCarrier:
    """Hands attempts to a queue, hears how they go, and gives each exactly one outcome."""

    def __init__(self, connection: Connection, workplace: Workplace, terms: Terms) -> None:
        """The client has the name of the run, which comes with the first attempt."""
        self._connection = connection
        self._workplace = workplace
        self._terms = terms
        self._where = connection.address.shown
        self._pipeline = Pipeline(connection.link())
        self._patience = Patience(self._where, terms.give_up_after_seconds, workplace.say, workplace.give_up)
        self._parcels = Parcels(self._pipeline, connection.keys, self._patience, workplace, terms)
        self._unserved = Unserved(connection.keys.queue, terms.worker_wait_seconds, workplace.say)
        self._window = Window()
        self._under_way: dict[str, RedisAttempt] = {}
        self._ended = Ended()
        self._session: asyncio.Task[RedisSession] | None = None
        self._is_anything_left = False

    async def open(self) -> None:
        """Look whether we are let in; if Redis is away it is waited for later. Raises ServiceUnreachableError."""
        try:
            policy = await evicts(self._pipeline)
        except (AccessError, RefusedError) as error:
            if isinstance(error, RefusedError) and error.may_pass:
                return
            raise ServiceUnreachableError(f"Redis at {self._where}: {error}") from error
        except AwayError:
            return
        if policy:
            raise ServiceUnreachableError(
                f"Redis at {self._where} would forget tasks when its memory is full: maxmemory-policy is {policy!r}, "
                "and must be 'noeviction'"
            )

    async def close(self) -> None:
        """The run is over. What is in Redis for it goes, unless an attempt may still be continued."""
        if self._session is not None:
            self._session.cancel()
            with contextlib.suppress(asyncio.CancelledError, GivenUpError):
                session = await self._session
                await session.end(cleans=not (self._is_anything_left or self._patience.has_given_up))
        await self._pipeline.close()

    async def carry(self, attempt: Attempt, emit: Emit) -> Outcome:
        """Have an attempt performed by a worker elsewhere."""
        try:
            message = await self._parcels.message(attempt)
        except (FlowrunError, ValueError, TypeError) as error:
            return not_started(f"cannot be sent to a worker: {error}")
        one = self._under_way[message.id] = RedisAttempt(attempt, emit, message)
        try:
            return await self._see_through(one)
        except GivenUpError:
            return _left_elsewhere()
        except asyncio.CancelledError:
            if one.settled is not None and _was_cancelled_once():
                return one.settled
            self._is_anything_left = True
            raise
        finally:
            one.leave()
            del self._under_way[message.id]
            self._ended.add(message.id)

    async def abort(self, attempt: Attempt) -> None:
        """Ask an attempt to end. What is not in Redis yet ends here."""
        one = self._find(attempt)
        if one is None or one.is_cut_short:
            return
        one.is_cut_short = True
        if not one.is_submitted:
            one.settle(Outcome.aborted())
        elif self._patience.has_given_up:
            one.settle(_left_elsewhere())
        elif one.entry:
            await self._call_back(one)

    async def kill(self, attempt: Attempt) -> None:
        """End an attempt at once, whatever its worker does."""
        one = self._find(attempt)
        if one is None:
            return
        one.is_cut_short = True
        with contextlib.suppress(TimeoutError, GivenUpError):
            async with asyncio.timeout(_LAST_WAIT_SECONDS):
                if one.entry:
                    await self._call_back(one, is_hard=True)
                await one.wait()
        if not one.is_over:
            self._is_anything_left = True
            unconfirmed = Outcome.aborted("stopped from outside; its worker has not confirmed that it ended")
            one.settle(_left_elsewhere() if self._patience.has_given_up else unconfirmed)

    def _find(self, attempt: Attempt) -> RedisAttempt | None:
        return self._under_way.get(attempt_id(attempt.run_id, attempt.task, attempt.number))

    async def _call_back(self, one: RedisAttempt, *, is_hard: bool = False) -> None:
        client = (await self._its_session(one.attempt.run_id)).client
        await self._patience.insist(lambda: client.cancel(one.id, one.message.attempt, one.entry, is_hard=is_hard))

    # The way of one attempt.

    async def _see_through(self, one: RedisAttempt) -> Outcome:
        session = await self._its_session(one.attempt.run_id)
        await self._window.enter()
        try:
            early = session.submits(one)
            is_adopted = early is not None and early.status not in _NOT_ADOPTED
            if early is not None and is_adopted:
                one.found("ended")
                one.hear(early)
            elif one.attempt.at_most_once and one.attempt.may_be_under_way:
                return await self._outcome_at_most_once(one, session, early)
            elif one.message.attempt > 1:
                await self._call_back_earlier(one.attempt, session)
                if one.is_cut_short:
                    return Outcome.aborted()
            return await self._outcome(one, session, again=early is not None)
        finally:
            self._window.leave()

    async def _outcome_at_most_once(
        self, one: RedisAttempt, session: RedisSession, early: ResultMessage | None
    ) -> Outcome:
        """Only what is there still is waited for: of anything else nobody knows whether it began."""
        if early is None or early.status is not Status.EXPIRED:
            one.entry = await self._patience.insist(lambda: session.client.entry_of(one.id))
            await self._patience.insist(session.catch_up)
            if not one.entry and not one.is_over:
                one.found("lost")
                left = "nothing is left of it in Redis, and it is to run at most once"
                return lost(left, is_final=True).but(may_be_under_way=True)
            one.found("under way" if one.entry else "ended")
        return await self._outcome(one, session, again=early is not None)

    async def _outcome(self, one: RedisAttempt, session: RedisSession, *, again: bool) -> Outcome:
        while True:
            if not one.is_over and not one.entry:
                await self._submit(one, session, again=again)
            result = await one.result
            try:
                body = await self._parcels.body_of(result)
            except UnreadableError as error:
                return unreadable(str(error))
            if one.is_cut_short or not is_of_nobody(result, body):
                return await self._parcels.outcome(one.attempt, one.message, result, body)
            one.wait_for_another_result()
            again = True

    async def _submit(self, one: RedisAttempt, session: RedisSession, *, again: bool) -> None:
        message = await self._parcels.sendable(one.message)
        is_first = True

        async def submit() -> str:
            nonlocal is_first
            if not is_first:
                await session.catch_up()  # the one whose answer is lost may have been done, and the attempt have ended
                if one.is_over:
                    return ""
            is_first = False
            code, entry = await session.client.submit(message, again=again)
            one.found("begun again" if code is Submission.ADDED else "under way" if entry else "ended")
            return entry

        one.entry = await self._patience.insist(submit) or _NO_ENTRY
        if one.entry == _NO_ENTRY:
            self._patience.came_back.set()  # it has ended, but where is its result?
        if one.is_cut_short:
            await self._call_back(one)

    async def _call_back_earlier(self, attempt: Attempt, session: RedisSession) -> None:
        """An earlier attempt that was given up here, because nobody answered, must not be performed beside this one.

        Its end is waited for, as long as it may go on without a heartbeat of its worker, which stops it then.
        """
        client, number = session.client, attempt.number - 1
        before = attempt_id(attempt.run_id, attempt.task, number)
        entry = await self._patience.insist(lambda: client.entry_of(before))
        if not entry:
            return
        with session.end_of(before) as end:
            if await self._patience.insist(lambda: client.cancel(before, number, entry, is_hard=True)) == "gone":
                return
            await asyncio.wait([end], timeout=self._terms.lease_seconds + _TAKEOVER_SECONDS)

    # What goes on beside all of them.

    async def _its_session(self, run_id: str) -> RedisSession:
        if self._session is None:
            self._session = asyncio.create_task(self._begun(run_id))
        return await asyncio.shield(self._session)

    async def _begun(self, run_id: str) -> RedisSession:
        client = Client(self._pipeline, self._connection.keys, run_id)
        link = self._connection.link()
        session = RedisSession(client, link, self._patience, self._under_way, self._ended, self._wait_for_room)
        try:
            await session.begin(self._terms.lease_seconds, self._look_after_lost)
        except BaseException:
            await session.end(cleans=False)
            raise
        session.start(self._watch_workers())
        return session

    async def _wait_for_room(self) -> None:
        if self._workplace.is_full():
            await self._workplace.wait_for_room()

    async def _look_after_lost(self, one: RedisAttempt) -> None:
        if one.is_cut_short:
            one.settle(Outcome.aborted())
        elif one.may_be_submitted_again():
            one.warn("flowrun: Redis has lost the attempt; it is submitted again")
            await self._submit(one, await self._its_session(one.attempt.run_id), again=True)
        else:
            deliveries = self._terms.max_deliveries
            message = (
                f"Redis has lost the attempt, which may not be delivered more often (max_deliveries: {deliveries})"
            )
            one.settle(lost(message, is_final=not self._terms.retries_lost))

    async def _watch_workers(self) -> None:
        """Have as much in Redis as its workers can soon begin, and say what nobody offers."""
        loop = asyncio.get_running_loop()
        while True:
            workers = await self._patience.insist(lambda: fleet(self._pipeline, self._connection.keys))
            self._window.resize(self._terms.window or 2 * sum(worker.slots for worker in workers))
            alive = {worker.name for worker in workers}  # what one has begun it ends, whatever it offers by now
            there = [
                one for one in self._under_way.values() if one.entry and not one.is_over and one.worker not in alive
            ]
            given_up = self._unserved.look({one.message.handler for one in there}, workers, loop.time())
            for one in there:
                if reason := given_up.get(one.message.handler):
                    is_begun = await self._is_handed_out(one)
                    one.settle(lost(reason, is_final=True) if is_begun else not_started(reason))
                    await self._call_back(one, is_hard=True)
            await asyncio.sleep(self._unserved.pause_seconds)

    async def _is_handed_out(self, one: RedisAttempt) -> bool:
        """A worker has begun it, perhaps one that was lost before it could tell."""
        client = (await self._its_session(one.attempt.run_id)).client
        return one.delivery > 0 or await self._patience.insist(lambda: client.is_handed_out(one.entry))


def _was_cancelled_once() -> bool:
    """By `RedisAttempt.settle` alone, and not from outside too."""
    task = asyncio.current_task()
    return task is not None and task.uncancel() == 0


def _left_elsewhere() -> Outcome:
    return Outcome.aborted("Redis stayed away").but(may_be_under_way=True)
