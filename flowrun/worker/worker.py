"""Worker: starts the parts of a worker in their order, and stops them in the reverse one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from ..engine.signals import stopping_on_signals
from ..errors import ModuleLoadError, ServiceUnreachableError, UsageError
from ..executors.capture import attempts_heard
from ..executors.executor import Workplace
from ..frq.blob import BLOB_LIMIT
from ..frq.connection import Connection
from ..frq.consumer import Consumer
from ..frq.control_message import ControlMessage
from ..frq.faults import AwayError, RefusedError
from ..frq.fields import Fields
from ..frq.keys import GROUP
from ..frq.memory_policy import evicts
from ..frq.pipeline import Pipeline
from ..frq.signature import SigningKeys
from .backlog import Backlog
from .card import Card, worker_name
from .control import Control
from .crew import Crew, open_crew
from .crews import Crews
from .delivery import Delivery
from .desk import Desk
from .ending import Ending, ForcedToEnd, first_of
from .endpoint import Endpoint
from .heartbeat import Heartbeat
from .holdings import Holdings
from .intake import Intake
from .metrics import Metrics
from .moment import now_ms
from .offer import Offer
from .orders import Orders
from .probes import pages_of
from .reach import Reach
from .settings import WorkerSettings

Say = Callable[[str], None]

_MOST_RESULT_BYTES = 2 * BLOB_LIMIT
"""More than may be sent, so that it is the worker that refuses, in its own words."""
_MOST_SHOWN = 20
_NEVER_MS = 10**12


def serve(connection: Connection, settings: WorkerSettings, say: Say) -> int:
    """Work until told to end; gives the exit status.

    Raises UsageError, ModuleLoadError (nothing can be offered), and ServiceUnreachableError if Redis is not there at
    the beginning, or refuses.
    """
    settings.refuse_impossible()
    with attempts_heard():
        try:
            return asyncio.run(_serve(connection, settings, say))
        except BaseExceptionGroup as group:
            raise _first(group) from None


async def _serve(connection: Connection, settings: WorkerSettings, say: Say) -> int:
    return await Worker(connection, settings, say).run()


class Worker:
    """One worker of one queue."""

    def __init__(self, connection: Connection, settings: WorkerSettings, say: Say) -> None:
        """Call it inside an event loop."""
        self._connection, self._settings, self._say = connection, settings, say
        self._started_ms = now_ms()
        self._tasks = asyncio.TaskGroup()
        self._metrics = Metrics()
        self._backlog = Backlog()
        self._holdings: Holdings[Delivery] = Holdings(settings.slots)
        self._reach = Reach(
            connection.address.shown,
            say,
            self._metrics.redis_errors.inc,
            lambda: self._heartbeat.tell_news(),  # whoever takes attempts again must renew them
        )
        self._pipeline = Pipeline(connection.link())
        self._consumer = Consumer(self._pipeline, connection.keys, worker_name(), int(settings.lease * 1000))
        self._crews = Crews(self._open_crew, say, self._offer_changed)
        self._intake = Intake(
            connection, self._desk(), self._tasks, settings.max_tasks, lambda: self._heartbeat.is_late
        )
        self._orders = Orders(self._holdings, self._intake, self._reach, settings.grace, say)
        self._ending = Ending(self._holdings, self._intake, self._orders, self._consumer, say)
        self._heartbeat = Heartbeat(connection, self._consumer, self._holdings.leases, self._card, self._orders)
        self._endpoint = Endpoint(pages_of(self, self._metrics))
        self._metrics.show("running", "Slots that are taken.", lambda: self._holdings.running)
        self._metrics.show("slots", "Attempts that may be under way.", lambda: settings.slots)
        self._metrics.show("heartbeat_age_seconds", "Since Redis has answered.", lambda: self._heartbeat.age_seconds)

    @property
    def is_healthy(self) -> bool:
        """Its heart has beaten within a lease."""
        return self._heartbeat.age_seconds < self._settings.lease

    @property
    def is_ready(self) -> bool:
        """It takes attempts."""
        return self._state == "working" and not self._reach.is_away

    async def run(self) -> int:
        """Work until told to end; gives the exit status."""
        try:
            await self._refusing(self._meet())
            await self._crews.open()
            self._refuse_empty()
            with stopping_on_signals(self._orders.signalled):
                await self._refusing(self._consumer.announce(self._card()))
                await self._tell_beginning()
                await self._work()
        finally:
            self._endpoint.close()
            await self._crews.close()
            await self._pipeline.close()
        if self._orders.refusal:
            raise self._unusable(self._orders.refusal)
        signals = self._orders.signals
        return 128 + signals[-1] if len(signals) > 1 else 0

    # Its beginning:

    def _desk(self) -> Desk:
        file = self._settings.hmac_key_file
        return Desk(
            consumer=self._consumer,
            pipeline=self._pipeline,
            reach=self._reach,
            crews=self._crews,
            holdings=self._holdings,
            metrics=self._metrics,
            backlog=self._backlog,
            environ=self._settings.environ,
            keys=None if file is None else _signing_keys(file),
            say=self._say,
        )

    async def _open_crew(self) -> Crew:
        settings = self._settings
        workplace = Workplace(
            root=settings.root,
            max_result_bytes=_MOST_RESULT_BYTES,
            is_full=lambda: self._backlog.is_full,
            wait_for_room=self._backlog.wait_for_room,
            discovery={"directories": settings.directories, "packages": settings.packages},
        )
        return await open_crew(settings.isolation, settings.slots, workplace)

    def _refuse_empty(self) -> None:
        if not self._crews.schemas:
            raise ModuleLoadError(
                f"there is nothing to offer: no class or function with @task was found below {self._settings.root}; "
                "name the project with -C"
            )

    async def _meet(self) -> None:
        if policy := await evicts(self._pipeline):
            raise RefusedError(f"its maxmemory-policy is {policy!r}, and must be 'noeviction', or it forgets tasks")
        await self._consumer.open()
        keys, name = self._consumer.keys, self._consumer.name
        await self._pipeline.command(
            "XAUTOCLAIM", keys.tasks, GROUP, name, _NEVER_MS, "0-0", "COUNT", 1
        )  # takes nothing

    async def _refusing(self, call: Coroutine[Any, Any, None]) -> None:
        """Whatever stands against it is told at the beginning, not when an attempt comes."""
        try:
            await call
        except (AwayError, RefusedError) as error:
            raise self._unusable(str(error)) from error

    def _unusable(self, why: str) -> ServiceUnreachableError:
        return ServiceUnreachableError(f"Redis at {self._connection.address.shown} cannot be used: {why}")

    async def _tell_beginning(self) -> None:
        settings, names = self._settings, list(self._crews.schemas)
        more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
        self._say(
            f"worker {self._consumer.name} serves queue {self._consumer.keys.queue} at "
            f"{self._connection.address.shown}: {settings.slots} slot{'s' * (settings.slots > 1)}, "
            f"{settings.isolation}; it offers {', '.join(names[:_MOST_SHOWN])}{more}"
        )
        if settings.listen is not None:
            self._say(f"listening on {await self._endpoint.open(*settings.listen)}")

    def _offer_changed(self, offer: Offer) -> None:
        for note in offer.notes:
            self._say(f"warning: {note}")
        self._heartbeat.tell_news()

    @property
    def _state(self) -> str:
        if self._intake.is_closed:
            return "ending"
        return "paused" if self._intake.is_paused else "working"

    def _card(self) -> Fields:
        """Called in the thread of the heartbeat, too."""
        name, slots, labels = self._consumer.name, self._settings.slots, self._settings.labels
        return Card(name, slots, self._started_ms, self._crews.schemas, self._state, labels).fields()

    # Its life, and its end:

    async def _work(self) -> None:
        """Take attempts until it is time to end, and see those through that are under way."""
        is_forced = False
        try:
            async with self._tasks:
                services = [self._tasks.create_task(service) for service in self._services()]
                self._heartbeat.start()
                await first_of(self._orders.is_to_end, self._intake.has_all)
                await self._ending.see_out(services[0], self._heartbeat.tell_news)
                for service in services:
                    service.cancel()
        except* ForcedToEnd:
            is_forced = True
        if not is_forced:
            await self._heartbeat.stop()
            if not self._reach.is_away:
                await self._ending.take_leave()

    def _services(self) -> Iterator[Coroutine[Any, Any, None]]:
        yield self._intake.claim()
        yield self._intake.reclaim()
        yield Control(self._connection, self._consumer.name, self._reach, self._told).listen()
        if self._settings.reload:
            yield self._crews.watch()

    def _told(self, message: ControlMessage) -> None:
        self._orders.told(message)
        self._heartbeat.tell_news()


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that ended the others."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _signing_keys(file: Path) -> SigningKeys:
    try:
        return SigningKeys.read(file)
    except (OSError, ValueError) as error:
        raise UsageError(f"--hmac-key-file {file}: {error}") from None
