"""The exam of clients: a broken connection at the worst moment, a life that ends, a listener that fails, nonsense."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Self

from flowrun.eventbus.event import SerializableEvent
from flowrun.executors.executor import Workplace
from flowrun.executors.redis import RedisExecutor

from .conftest import MakeFleet
from .frq.fleet import PYTHON, SHORT_LEASE, marks, of
from .frq.runner import Runner, eventually, values_of
from .frq.scheduler import Scheduler


class Line:
    """A connection to Redis that breaks when certain bytes have passed, before their answer has."""

    def __init__(self, port: int) -> None:
        self.is_cut = False
        self.breaks_after = b""
        self._port = port
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()
        self._server.close()

    @property
    def url(self) -> str:
        """What the client is told."""
        return f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/0"

    def cut(self) -> None:
        """Break, until it is mended."""
        self.is_cut = True
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    def mend(self) -> None:
        """Let everything pass again."""
        self.is_cut, self.breaks_after = False, b""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.close()
            return
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers += [writer, there_writer]
        with contextlib.suppress(OSError):
            await asyncio.gather(self._pass(reader, there_writer), self._pass(there_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (data := await reader.read(1 << 16)) and not self.is_cut:
            writer.write(data)
            await writer.drain()
            if self.breaks_after and self.breaks_after in data:
                await asyncio.sleep(0)
                self.cut()
        writer.close()


def test_a_submit_without_an_answer_is_not_done_twice(make_fleet: MakeFleet, tmp_path: Path) -> None:
    """The connection broke behind it and came back when the attempt, and even its mark, was long over. R-07"""
    fleet, path = make_fleet(PYTHON), tmp_path / "marks"
    fleet.start()

    async def main() -> None:
        port = int(fleet.redis.connection_pool.connection_kwargs["port"])
        async with Line(port) as line, Runner(line.url, fleet.keys) as runner:
            assert values_of([await runner.run("exam.echo", {"value": 1})]) == [1]
            attempt = runner.attempt("exam.sleep", {"seconds": 0.1, "mark": str(path)})
            mark = fleet.keys.submitted(runner.id_of(attempt))
            line.breaks_after = runner.id_of(attempt).encode()
            running = runner.start(attempt)
            await eventually(lambda: fleet.redis.get(mark) == b"done")
            assert line.is_cut
            fleet.redis.delete(mark)  # as it is after a minute
            line.mend()
            assert values_of([await running]) == [0.1]

    asyncio.run(main())
    assert len(list(of(path, "start"))) == 1


def test_a_result_that_came_before_its_attempt_began_again_counts(make_fleet: MakeFleet, tmp_path: Path) -> None:
    """The run was continued, and had other things to do when what its earlier life had begun ended. R-02"""
    fleet, path = make_fleet(PYTHON), tmp_path / "marks"
    fleet.start()

    async def main() -> None:
        async with Runner(fleet.url, fleet.keys) as first:
            attempt = first.attempt("exam.sleep", {"seconds": 1.5, "mark": str(path)})
            running = first.start(attempt)
            await eventually(lambda: marks(path))
            running.cancel()
            await asyncio.wait([running])
        async with Runner(fleet.url, fleet.keys) as second:
            second.run_id = first.run_id
            second.attempt("exam.echo")  # that has the name of the attempt before
            assert values_of([await second.run("exam.echo", {"value": 1})]) == [1]
            mark = fleet.keys.submitted(first.id_of(attempt))
            await eventually(lambda: fleet.redis.get(mark) == b"done")
            assert values_of([await second.run("exam.echo", {"value": 2})]) == [2]  # heard after the other
            fleet.redis.delete(mark)  # as it is after a minute
            assert values_of([await second.start(attempt)]) == [1.5]

    asyncio.run(main())
    assert len(list(of(path, "start"))) == 1


def test_an_attempt_that_was_given_up_ends_before_the_next_begins(make_fleet: MakeFleet, tmp_path: Path) -> None:
    """Its worker does not answer: it is waited for until another has found that its lease is over."""
    fleet, path = make_fleet(PYTHON, lease=SHORT_LEASE), tmp_path / "marks"
    fleet.start()

    async def main() -> list[str]:
        async with Runner(fleet.url, fleet.keys, lease=SHORT_LEASE) as runner:
            attempt = runner.attempt("exam.sleep", {"seconds": 600, "mark": str(path)})
            running = runner.start(attempt)
            await eventually(lambda: marks(path))
            fleet.workers[0].freeze()
            running.cancel()
            await asyncio.wait([running])
            fleet.start()
            again = replace(attempt, number=2, parameters={"seconds": 0, "mark": str(path)})
            assert values_of([await runner.start(again)]) == [0]
            said = [fields for _entry, fields in fleet.redis.xrange(fleet.keys.events(runner.run_id))]
            return [f"{it[b'a'].decode()} {it[b'st'].decode()}" for it in said if it[b"k"] == b"result"]

    assert asyncio.run(main()) == ["1 cancelled", "2 ok"]


def test_two_messages_that_name_one_attempt_are_performed_in_turn(make_fleet: MakeFleet, tmp_path: Path) -> None:
    """Also if the body of the first has to be fetched, and the second is ready before."""
    fleet, path = make_fleet(PYTHON), tmp_path / "marks"
    scheduler = Scheduler(fleet.redis, fleet.keys)
    task = scheduler.task("exam.sleep", {"seconds": 0.1, "mark": str(path)})
    digest = sha256(task.body).hexdigest()
    fleet.redis.set(fleet.keys.blob(digest), task.body)
    ids = [f"{task.id}-{number}" for number in range(3)]
    scheduler.put(ids[0], replace(task, id=ids[0], body=b"", ref=f"blob:{digest}").fields())
    for one in ids[1:]:
        scheduler.put(one, replace(task, id=one).fields())
    fleet.start()

    assert [scheduler.result(one).value for one in ids] == [0.1, 0.1, 0.1]
    assert [line[0] for line in marks(path)] == ["start", "end"] * 3


def test_a_fault_in_hearing_is_not_waited_for(make_fleet: MakeFleet) -> None:
    """Nothing would ever be heard again: the run is told, and does not hang."""
    fleet = make_fleet(PYTHON)
    fleet.start()
    given_up: list[str] = []

    def fail(_event: SerializableEvent) -> None:
        raise LookupError("a fault")

    async def main() -> None:
        executor = RedisExecutor(url=fleet.url, queue=fleet.keys.queue, prefix=fleet.keys.prefix)
        executor.prepare(Workplace(root=Path(), give_up=given_up.append))
        await executor.on_create()
        attempt = Runner(fleet.url, fleet.keys).attempt("exam.log", {"lines": 3, "width": 20})
        running = asyncio.create_task(executor.run(attempt, fail))
        await eventually(lambda: given_up)
        await executor.abort(attempt)
        assert (await running).is_aborted
        await executor.on_destroy()

    asyncio.run(main())
    assert given_up == ["what comes from Redis cannot be heard: LookupError: a fault"]


def test_a_message_with_very_many_fields_ends_no_worker(make_fleet: MakeFleet) -> None:
    """It is put aside as any other that cannot be read, with as much of it as can be kept."""
    fleet = make_fleet(PYTHON)
    fleet.start()
    scheduler = Scheduler(fleet.redis, fleet.keys)

    scheduler.forge({f"x{number}".encode(): b"" for number in range(5000)})

    assert scheduler.run("exam.echo", {"value": 1}).value == 1
    asyncio.run(eventually(lambda: fleet.redis.xlen(fleet.keys.dead) == 1))
