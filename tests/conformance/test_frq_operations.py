"""The operations of the protocol, each in one step: what a client and workers do with a queue, against a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import count

import pytest

from flowrun.frq.address import Address
from flowrun.frq.blob import get_blob, put_blob
from flowrun.frq.client import Client, Submission
from flowrun.frq.connection import Connection
from flowrun.frq.consumer import Claimed, Consumer, Leases
from flowrun.frq.event_reader import EventReader
from flowrun.frq.faults import AwayError, UnreadableError
from flowrun.frq.fields import flat
from flowrun.frq.fleet import Worker, fleet
from flowrun.frq.keys import ENTRY_TTL_MS, GROUP, Keys
from flowrun.frq.link import Link
from flowrun.frq.message import LogMessage, Message, ResultMessage, StartedMessage, TaskMessage
from flowrun.frq.offers import offers
from flowrun.frq.patience import Patience
from flowrun.frq.pipeline import Pipeline
from flowrun.frq.scripts import Script
from flowrun.frq.status import Status

from ..project import eventually
from ..redis_server import RedisServer

_numbers = count()


class Queue:
    """A queue of the test's own, with one client."""

    def __init__(self, server: RedisServer, stack: AsyncExitStack) -> None:
        self.server = server
        self._stack = stack
        self.keys = Keys("flowrun", f"operations-{next(_numbers)}")
        self.connection = Connection(Address.parse(server.url), self.keys)
        self.pipeline = self.new_pipeline()
        self.client = Client(self.pipeline, self.keys, "RUN")

    def new_pipeline(self) -> Pipeline:
        pipeline = Pipeline(self.new_link())
        self._stack.push_async_callback(pipeline.close)
        return pipeline

    def new_link(self) -> Link:
        link = self.connection.link()
        self._stack.push_async_callback(link.close)
        return link

    def worker(self, name: str, lease_ms: int = 60_000) -> Consumer:
        return Consumer(self.new_pipeline(), self.keys, name, lease_ms)

    async def claim(self, worker: Consumer, most: int = 10) -> list[Claimed]:
        return await worker.claim(self.new_link(), most, 0.01)

    async def age(self, worker: Consumer, *entries: str) -> None:
        """As if nobody had renewed what this worker has for an hour."""
        claim = ("XCLAIM", self.keys.tasks, GROUP, worker.name, 0, *entries)
        await self.pipeline.command(*claim, "IDLE", 3_600_000, "JUSTID")

    def task(self, name: str = "t", **more: int) -> TaskMessage:
        return TaskMessage(id=f"RUN/{name}/1", handler="h", client="RUN", body=b"{}", **more)  # type: ignore[arg-type]

    def result(
        self, claimed: Claimed, worker: Consumer, status: Status = Status.OK, last_log: str = ""
    ) -> ResultMessage:
        task = TaskMessage.from_fields(claimed.fields)
        return ResultMessage(task.id, 1, claimed.delivery, worker.name, 0, status, b'{"value":1}', last_log)

    def results(self) -> list[dict[str, str]]:
        with self.server.client() as client:
            return [fields for _entry, fields in client.xrange(self.keys.events("RUN")) if fields["k"] == "result"]


Story = Callable[[Queue], Awaitable[None]]


@pytest.fixture
def tell(shared_redis: RedisServer) -> Callable[[Story], None]:
    """Runs a story with a queue of its own."""

    async def live(story: Story) -> None:
        async with AsyncExitStack() as stack:
            queue = Queue(shared_redis, stack)
            await queue.client.open()
            await story(queue)

    return lambda story: asyncio.run(live(story))


def test_a_submit_may_be_repeated(tell: Callable[[Story], None]) -> None:
    """An id is queued once; when it has ended it is not queued again, unless its result is lost. CF-44"""

    async def story(queue: Queue) -> None:
        client, worker, task = queue.client, queue.worker("w"), queue.task()
        code, entry = await client.submit(task)
        assert code is Submission.ADDED
        assert await client.submit(task) == (Submission.THERE, entry)
        assert await client.entry_of(task.id) == entry
        [claimed] = await queue.claim(worker)
        assert TaskMessage.from_fields(claimed.fields) == task
        assert await worker.finish(claimed, "RUN", queue.result(claimed, worker))

        assert await client.submit(task) == (Submission.THERE, "")
        assert await client.entry_of(task.id) == ""
        again, other = await client.submit(task, again=True)
        assert again is Submission.ADDED
        assert other != entry

    tell(story)


def test_what_redis_has_lost_is_queued_again(tell: Callable[[Story], None]) -> None:
    """A note of an entry that is gone does not keep an attempt from being queued."""

    async def story(queue: Queue) -> None:
        _code, entry = await queue.client.submit(queue.task())
        with queue.server.client() as redis:
            redis.xdel(queue.keys.tasks, entry)
        assert (await queue.client.standing([entry])).there == (False,)

        assert (await queue.client.submit(queue.task()))[0] is Submission.ADDED

    tell(story)


def test_a_queue_may_be_full(tell: Callable[[Story], None]) -> None:
    """Beyond the limit nothing is added."""

    async def story(queue: Queue) -> None:
        assert (await queue.client.submit(queue.task("a"), limit=1))[0] is Submission.ADDED
        assert (await queue.client.submit(queue.task("b"), limit=1))[0] is Submission.FULL
        assert (await queue.client.submit(queue.task("a"), limit=1))[0] is Submission.THERE

    tell(story)


def test_only_the_owner_finishes(tell: Callable[[Story], None]) -> None:
    """A worker that overslept its lease neither renews it nor gives a result; the other one does, once. R-11"""

    async def story(queue: Queue) -> None:
        first, second = queue.worker("first", 1), queue.worker("second", 1)
        await queue.client.submit(queue.task())
        [claimed] = await queue.claim(first)
        await asyncio.sleep(0.01)  # longer than the lease
        [taken] = await second.reclaim(10)
        assert (taken.entry, taken.delivery) == (claimed.entry, 2)

        beat = await first.beat(Leases([(claimed.entry, claimed.delivery, "RUN/t/1")], 1))
        assert beat.lost == {claimed.entry}
        assert not await first.finish(claimed, "RUN", queue.result(claimed, first))
        assert await second.finish(taken, "RUN", queue.result(taken, second))
        assert not await second.finish(taken, "RUN", queue.result(taken, second))

        [result] = queue.results()
        assert result["w"] == "second"
        assert result["d"] == "2"

    tell(story)


def test_what_is_told_to_nobody_goes(tell: Callable[[Story], None]) -> None:
    """A worker that wakes up late tells of a start to a client that has long ended: the stream stays for a day only."""

    async def story(queue: Queue) -> None:
        worker = Consumer(queue.pipeline, queue.keys, "w", 60_000)
        worker.started("gone", StartedMessage("gone/t/1", 1, 1, "w", 0))
        assert 0 < await queue.pipeline.command("PTTL", queue.keys.events("gone")) <= ENTRY_TTL_MS

    tell(story)


def test_a_heartbeat_keeps_what_is_ours(tell: Callable[[Story], None]) -> None:
    """What is renewed is not taken over; what was called back is told; a worker that Redis forgot is told so."""

    async def story(queue: Queue) -> None:
        worker, other = queue.worker("w"), queue.worker("other")
        await worker.announce(Worker("w", 1, {"h": None}).fields())
        _code, entry = await queue.client.submit(queue.task())
        [claimed] = await queue.claim(worker)
        await queue.age(worker, entry)
        beat = await worker.beat(Leases([(entry, 1, "RUN/t/1")], 1))
        assert (beat.lost, beat.cancelled, beat.is_known) == (frozenset(), frozenset(), True)
        assert await other.reclaim(10) == []

        assert await queue.client.cancel("RUN/t/1", 1, entry) == "signalled"
        with queue.server.client() as redis:
            redis.delete(queue.keys.worker("w"))
            [(_id, told)] = redis.xrange(queue.keys.control)
        beat = await worker.beat(Leases([(entry, claimed.delivery, "RUN/t/1")], 1))
        assert beat.cancelled == {"RUN/t/1"}
        assert not beat.is_known
        assert told == {"v": "1", "k": "cancel", "id": "RUN/t/1", "hard": "0", "grace": "10000"}

    tell(story)


def test_calling_back(tell: Callable[[Story], None]) -> None:
    """What no worker has is removed, with a result; what has ended, or was never there, is gone."""

    async def story(queue: Queue) -> None:
        _code, entry = await queue.client.submit(queue.task())

        assert await queue.client.cancel("RUN/t/1", 1, entry) == "removed"
        assert await queue.client.cancel("RUN/t/1", 1, entry) == "gone"
        assert await queue.client.cancel("RUN/x/1", 1, "1-1") == "gone"

        assert await queue.claim(queue.worker("w")) == []
        assert [result["st"] for result in queue.results()] == ["cancelled"]

    tell(story)


def test_giving_back(tell: Callable[[Story], None]) -> None:
    """A leaving worker gives back what it has: others begin it at once, and the delivery does not count."""

    async def story(queue: Queue) -> None:
        leaving, other = queue.worker("leaving"), queue.worker("other")
        await leaving.announce(Worker("leaving", 1).fields())
        await queue.client.submit(queue.task())
        [claimed] = await queue.claim(leaving)
        assert not await leaving.leave()

        assert await leaving.release({claimed.entry: claimed.delivery, "1-1": 1}) == 1
        [taken] = await other.reclaim(10)

        assert taken.delivery == 1
        assert await leaving.leave()
        assert await fleet(queue.pipeline, queue.keys) == []

    tell(story)


def test_everything_of_a_dead_worker_is_found(tell: Callable[[Story], None]) -> None:
    """Entries of living workers in front do not hide those of a dead one behind them. R-12"""

    async def story(queue: Queue) -> None:
        living, dead, other = queue.worker("living"), queue.worker("dead"), queue.worker("other")
        await asyncio.gather(*(queue.client.submit(queue.task(f"t{number}")) for number in range(130)))
        kept = await queue.claim(living, 120)
        lost = await queue.claim(dead)
        await queue.age(living, *(one.entry for one in kept))
        await queue.age(dead, *(one.entry for one in lost))
        await living.beat(Leases([(one.entry, 1, "x") for one in kept], len(kept)))

        taken = await other.reclaim(4) + await other.reclaim(100)

        assert {one.entry for one in taken} == {one.entry for one in lost}

    tell(story)


def test_dead_letters(tell: Callable[[Story], None]) -> None:
    """What is buried has its fields and the reason, gives its client a result, and can be queued again."""

    async def story(queue: Queue) -> None:
        worker, task = queue.worker("w"), queue.task()
        await queue.client.submit(task)
        with queue.server.client() as redis:
            redis.xadd(queue.keys.tasks, {"nonsense": "x"})
        good, nonsense = await queue.claim(worker)
        with pytest.raises(UnreadableError):
            TaskMessage.from_fields(nonsense.fields)
        assert await worker.bury(nonsense, "unreadable")
        assert await worker.bury(good, "max_deliveries", "RUN", queue.result(good, worker, Status.LOST))
        assert not await worker.bury(good, "max_deliveries", "RUN", queue.result(good, worker, Status.LOST))

        with queue.server.client() as redis:
            first, second = redis.xrange(queue.keys.dead)
            assert redis.xlen(queue.keys.tasks) == 0
        assert first[1] | {"ts": ""} == {"reason": "unreadable", "entry": nonsense.entry, "ts": "", "nonsense": "x"}
        assert (second[1]["reason"], second[1]["h"]) == ("max_deliveries", "h")
        assert [result["st"] for result in queue.results()] == ["lost"]
        keys = [queue.keys.tasks, queue.keys.dead, queue.keys.submitted(task.id)]
        code, _entry = await queue.pipeline.script(Script.REQUEUE, keys, second[0], 1000)
        assert code == 1
        [claimed] = await queue.claim(worker)
        assert TaskMessage.from_fields(claimed.fields) == task

    tell(story)


def test_orphans(tell: Callable[[Story], None]) -> None:
    """An attempt that is older than a lease, of a client that is gone, is nobody's; a younger one is left alone."""

    async def story(queue: Queue) -> None:
        await queue.client.submit(queue.task())
        [claimed] = await queue.claim(queue.worker("w"))
        assert not await queue.worker("a", 1).is_orphan(claimed, "RUN")
        await queue.client.clean()
        await asyncio.sleep(0.01)

        assert await queue.worker("b", 1).is_orphan(claimed, "RUN")
        assert not await queue.worker("c", 60_000).is_orphan(claimed, "RUN")

    tell(story)


def test_long_gone_consumers_are_forgotten(tell: Callable[[Story], None]) -> None:
    """Those that own entries stay."""

    async def story(queue: Queue) -> None:
        owner, idle = queue.worker("owner"), queue.worker("idle")
        for worker in (owner, idle):
            await queue.client.submit(queue.task(worker.name))
            [claimed] = await queue.claim(worker)
        await idle.finish(claimed, "RUN", queue.result(claimed, idle))
        await asyncio.sleep(0.01)

        assert await queue.pipeline.script(Script.JANITOR, [queue.keys.tasks], "workers", 1) == 1
        with queue.server.client() as redis:
            assert [it["name"] for it in redis.xinfo_consumers(queue.keys.tasks, "workers")] == ["owner"]

    tell(story)


def test_scripts_that_redis_forgot(tell: Callable[[Story], None]) -> None:
    """They are sent again, and only the calls that were refused are repeated; the order of answers stays."""

    async def story(queue: Queue) -> None:
        await queue.client.submit(queue.task("before"))
        with queue.server.client() as redis:
            redis.script_flush()
        counter = f"{queue.keys.base}:counter"

        answers = await asyncio.gather(
            queue.pipeline.command("INCR", counter),
            queue.client.submit(queue.task("a")),
            queue.pipeline.command("INCR", counter),
            queue.client.submit(queue.task("b")),
            queue.pipeline.command("INCR", counter),
        )

        assert [answers[0], answers[2], answers[4]] == [1, 2, 3]
        assert answers[1][0] is answers[3][0] is Submission.ADDED

    tell(story)


def test_one_refusal_harms_no_other_call(tell: Callable[[Story], None]) -> None:
    """Each caller in a batch has its own answer or error."""

    async def story(queue: Queue) -> None:
        wrong = queue.pipeline.command("INCR", queue.keys.tasks)
        right = queue.pipeline.command("PING")

        assert await right == b"PONG"
        with pytest.raises(Exception, match="WRONGTYPE"):
            await wrong

    tell(story)


def test_offers(tell: Callable[[Story], None]) -> None:
    """What all live workers offer; where schemas differ, what suits one of them is right."""

    async def story(queue: Queue) -> None:
        a, b = {"type": "object", "title": "a"}, {"type": "object", "title": "b"}
        await queue.worker("w1").announce(Worker("w1", 2, {"same": a, "other": a, "any": a}).fields())
        await queue.worker("w2").announce(Worker("w2", 2, {"same": a, "other": b, "any": None}).fields())

        found = await offers(queue.connection) or {}
        comments = {name: schema.pop("$comment") for name, schema in found.items() if schema is not None}
        assert found == {"any": None, "other": {"anyOf": [a, b]}, "same": a}
        assert comments.keys() == {"other", "same"}
        assert all(said.startswith("w1 and 1 more, on the queue ") for said in comments.values())

    tell(story)


def test_nobody_can_be_asked(redis_server: RedisServer) -> None:
    """Without Redis there is no answer, and no error either."""
    redis_server.stop()

    assert asyncio.run(offers(Connection(Address.parse(redis_server.url), Keys()))) is None


def test_blobs(tell: Callable[[Story], None]) -> None:
    """What is kept beside the queue comes back as it was, or not at all; other places are not read. R-07"""

    async def story(queue: Queue) -> None:
        ref = await put_blob(queue.pipeline, queue.keys, b"x" * 3_000_000)
        assert await get_blob(queue.pipeline, queue.keys, ref) == b"x" * 3_000_000
        with queue.server.client() as redis:
            redis.set(queue.keys.blob(ref.removeprefix("blob:")), "changed")
        with pytest.raises(UnreadableError, match="was changed"):
            await get_blob(queue.pipeline, queue.keys, ref)
        for other in ("file:///etc/passwd", "blob:../x", f"blob:{'0' * 64}"):
            with pytest.raises(UnreadableError):
                await get_blob(queue.pipeline, queue.keys, other)

    tell(story)


def _reader(queue: Queue, heard: list[Message]) -> EventReader:
    async def at_once() -> None:
        return None

    patience = Patience("redis", 60.0, print, print)
    return EventReader(queue.client, queue.new_link(), patience, heard.append, at_once)


async def _until(fact: Callable[[], bool]) -> None:
    await asyncio.to_thread(eventually, fact, 20.0)


def test_lines_come_before_their_result(tell: Callable[[Story], None]) -> None:
    """However many there are, and although they stand in a stream of their own."""

    async def story(queue: Queue) -> None:
        worker, heard = queue.worker("w"), list[Message]()
        await queue.client.submit(queue.task())
        [claimed] = await queue.claim(worker)
        last = ""
        for first in range(1, 2001, 500):
            lines = [LogMessage("RUN/t/1", 1, 1, "stdout", it, ((0, "", str(it)),)) for it in range(first, first + 500)]
            last = (await asyncio.gather(*(worker.log("RUN", line.fields()) for line in lines)))[-1]
        await worker.finish(claimed, "RUN", queue.result(claimed, worker, last_log=last))

        reader = _reader(queue, heard)
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(reader.run())
            await reader.reach((await queue.client.standing([])).last_event)
            reading.cancel()

        assert len(heard) == 2001
        assert isinstance(heard[-1], ResultMessage)

    tell(story)


def test_a_stream_that_begins_again_is_read_from_its_beginning(tell: Callable[[Story], None]) -> None:
    """Redis forgot the stream, or a replica took over that has less of it: nothing new is missed. R-10"""

    async def story(queue: Queue) -> None:
        heard = list[Message]()
        reader = _reader(queue, heard)
        key = queue.keys.events("RUN")

        def told(name: str) -> list[bytes]:
            return flat(ResultMessage(f"RUN/{name}/1", 1, 1, "w", 0, Status.OK).fields())

        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(reader.run())
            await queue.pipeline.command("XADD", key, "9000000000000-1", *told("first"))
            await _until(lambda: len(heard) == 1)
            await queue.pipeline.command("DEL", key)
            await queue.pipeline.command("XADD", key, "5-1", *told("second"))
            position, standing = reader.position, await queue.client.standing([])
            reader.compare(position, (standing.last_event, standing.last_log))
            await _until(lambda: len(heard) == 2)
            reading.cancel()

        assert [message.id for message in heard] == ["RUN/first/1", "RUN/second/1"]

    tell(story)


def test_a_call_without_an_answer_says_so(redis_server: RedisServer) -> None:
    """A server that is silent counts as away after a stated time, and is found again when it is back."""
    connection = Connection(Address.parse(redis_server.url), Keys(), answer_seconds=0.3)

    async def story() -> None:
        link = connection.link()
        assert await link.call("PING") == b"PONG"
        redis_server.signal(19)  # STOP
        with pytest.raises(AwayError, match=r"no answer for 0\.3 s"):
            await link.call("PING")
        redis_server.signal(18)  # CONT
        assert await link.call("PING") == b"PONG"
        await link.close()

    asyncio.run(story())
