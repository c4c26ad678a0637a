"""The exam of runs: whatever happens to Redis and to the network, each attempt has one outcome, and none is lost."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest

from flowrun.eventbus.log import LogLinesEvent
from flowrun.frq.keys import GROUP

from ..network import network
from ..redis_server import RedisServer
from .conftest import MakeFleet
from .frq.fleet import GO, LEASE_OF_THE_CUT_OFF, PYTHON, SHORT_LEASE, Fleet, marks, of
from .frq.runner import Runner, eventually, values_of

EACH = pytest.mark.parametrize("kinds", [PYTHON, GO])


def test_values_come_back_through_the_executor(at_work: Fleet) -> None:
    """What a task is given and returns is the same on another machine, in every language."""
    there: list[Any] = [None, 1, 0.5, "é\n", [1, {"a": [True]}], {"": {}}]

    async def main() -> list[Any]:
        async with Runner(at_work.url, at_work.keys) as runner:
            return values_of([await runner.run("exam.echo", {"value": value}) for value in there])

    assert asyncio.run(main()) == there


def test_lines_come_back_through_the_executor(at_work: Fleet) -> None:
    """Lines are seen in the run, all of them, in order, before the outcome."""

    async def main() -> str:
        async with Runner(at_work.url, at_work.keys) as runner:
            outcome = await runner.run("exam.log", {"lines": 500, "width": 20})
            assert outcome.is_completed, outcome
            return "\n".join(event.lines for event in runner.events if isinstance(event, LogLinesEvent))

    text = asyncio.run(main())
    assert text.splitlines() == [f"{number} ".ljust(20, "x") for number in range(1, 501)]


def test_an_attempt_is_stopped_through_the_executor(at_work: Fleet, tmp_path: Path) -> None:
    """An abort reaches the handler on the other machine."""
    path = tmp_path / "marks"

    async def main() -> None:
        async with Runner(at_work.url, at_work.keys) as runner:
            attempt = runner.attempt("exam.sleep", {"seconds": 600, "mark": str(path)})
            running = runner.start(attempt)
            await eventually(lambda: marks(path))
            await runner.executor.abort(attempt)
            assert (await running).is_aborted

    asyncio.run(main())
    assert [line[0] for line in marks(path)] == ["start", "cancelled"]


@EACH
@pytest.mark.parametrize("aof", [False, True], ids=["empty", "with its file"])
def test_a_run_goes_on_when_redis_was_killed(
    make_fleet: MakeFleet, own_redis: RedisServer, kinds: str, aof: bool, tmp_path: Path
) -> None:
    """Redis comes back, with or without what it had: the workers and the run find it, nothing is lost. R-03, CF-80"""
    own_redis.keep(aof=aof)
    own_redis.restart()
    fleet, path = make_fleet(kinds, own_redis, lease=SHORT_LEASE), tmp_path / "marks"
    fleet.start()

    async def main() -> None:
        async with Runner(fleet.url, fleet.keys, lease=SHORT_LEASE) as runner:
            running = runner.start_many(60, "exam.sleep", {"seconds": 0.1, "mark": str(path)})
            await eventually(lambda: sum(task.done() for task in running) > 8)
            own_redis.kill()
            await asyncio.sleep(0.3)  # the others notice, or not: both must go well
            own_redis.start()
            assert values_of(await asyncio.gather(*running)) == [0.1] * 60

    asyncio.run(main())
    ids = [line[1] for line in of(path, "end")]
    assert len(set(ids)) == 60
    if aof:
        assert len(ids) <= 60 + 4, "what Redis had kept was performed again"


@EACH
def test_a_run_goes_on_when_redis_was_emptied(
    make_fleet: MakeFleet, own_redis: RedisServer, kinds: str, tmp_path: Path
) -> None:
    """FLUSHALL takes the queue, the group, the scripts and the results: what has no result is handed in again. R-03"""
    fleet, path = make_fleet(kinds, own_redis, lease=SHORT_LEASE), tmp_path / "marks"
    fleet.start()

    async def main() -> None:
        async with Runner(fleet.url, fleet.keys, lease=SHORT_LEASE) as runner:
            running = runner.start_many(40, "exam.sleep", {"seconds": 0.1, "mark": str(path)})
            await eventually(lambda: sum(task.done() for task in running) > 4)
            own_redis.empty()
            assert values_of(await asyncio.gather(*running)) == [0.1] * 40

    asyncio.run(main())


@EACH
def test_a_run_waits_while_redis_is_silent(
    make_fleet: MakeFleet, own_redis: RedisServer, kinds: str, tmp_path: Path
) -> None:
    """Redis does not answer for longer than a lease: the workers stop, the run waits, and all goes on. R-08"""
    fleet, path = make_fleet(kinds, own_redis, lease=LEASE_OF_THE_CUT_OFF[kinds]), tmp_path / "marks"
    fleet.start()

    async def main() -> None:
        async with Runner(fleet.url, fleet.keys, lease=fleet.lease) as runner:
            long = runner.start_many(4, "exam.sleep", {"seconds": 3, "mark": str(path)})
            await eventually(lambda: len(list(of(path, "start"))) > 3)
            own_redis.signal(signal.SIGSTOP)
            await eventually(lambda: len(list(of(path, "cancelled"))) > 3)
            own_redis.signal(signal.SIGCONT)
            assert values_of(await asyncio.gather(*long)) == [3] * 4

    asyncio.run(main())
    assert len(list(of(path, "end"))) >= 4


@EACH
def test_a_result_that_is_gone_before_it_was_read_is_made_again(make_fleet: MakeFleet, kinds: str) -> None:
    """The attempt is neither there nor finished: it is handed in again, once, and not waited for in vain. R-07"""
    fleet = make_fleet(kinds, lease=SHORT_LEASE)

    async def main() -> None:
        async with Runner(fleet.url, fleet.keys, lease=SHORT_LEASE) as runner:
            attempt = runner.attempt("exam.echo", {"value": 7})
            running = runner.start(attempt)
            await eventually(lambda: fleet.redis.xlen(fleet.keys.tasks))
            ((_stream, ((entry, _fields),)),) = fleet.redis.xreadgroup(GROUP, "thief", {fleet.keys.tasks: ">"})
            fleet.redis.xack(fleet.keys.tasks, GROUP, entry)
            fleet.redis.xdel(fleet.keys.tasks, entry)
            fleet.redis.set(fleet.keys.submitted(runner.id_of(attempt)), "done", px=60_000)
            fleet.start()
            assert values_of([await running]) == [7]

    asyncio.run(main())


@EACH
def test_an_attempt_that_was_doubled_by_hand_has_one_outcome(make_fleet: MakeFleet, kinds: str, tmp_path: Path) -> None:
    """Somebody added its message again, while it ran and after it had ended. R-11"""
    fleet, path = make_fleet(kinds, lease=SHORT_LEASE), tmp_path / "marks"

    async def main() -> None:
        async with Runner(fleet.url, fleet.keys, lease=SHORT_LEASE) as runner:
            running = runner.start(runner.attempt("exam.sleep", {"seconds": 0.2, "mark": str(path)}))
            await eventually(lambda: fleet.redis.xlen(fleet.keys.tasks))
            ((_entry, fields),) = fleet.redis.xrange(fleet.keys.tasks)
            fleet.redis.xadd(fleet.keys.tasks, fields)
            fleet.start()
            assert values_of([await running]) == [0.2]
            fleet.redis.xadd(fleet.keys.tasks, fields)
            await eventually(lambda: len(list(of(path, "end"))) == 3)
            assert values_of([await runner.run("exam.echo", {"value": 1})]) == [1]

    asyncio.run(main())
    assert fleet.redis.xlen(fleet.keys.tasks) == 0


@EACH
def test_a_finished_run_leaves_no_keys_of_its_own(make_fleet: MakeFleet, kinds: str) -> None:
    """After 300 attempts only what belongs to the queue stays, and marks that end by themselves."""
    fleet = make_fleet(kinds)
    fleet.start()

    async def main() -> str:
        async with Runner(fleet.url, fleet.keys) as runner:
            outcomes = await asyncio.gather(*(runner.run("exam.echo", {"value": n}) for n in range(300)))
            assert values_of(outcomes) == list(range(300))
            return runner.run_id

    run_id = asyncio.run(main())
    mine = [key.decode() for key in fleet.redis.scan_iter(f"{fleet.keys.base}:*") if run_id.encode() in key]
    assert all(key.startswith(fleet.keys.submitted(run_id)) for key in mine)
    assert all(0 < fleet.redis.pttl(key) <= 60_000 for key in mine)


@pytest.mark.parametrize(
    ("kinds", "incoming", "outgoing"),
    [
        pytest.param(PYTHON, True, True, id="python, both ways"),
        pytest.param(GO, True, True, id="go, both ways"),
        pytest.param(PYTHON, False, True, id="python, mute"),
        pytest.param(GO, True, False, id="go, deaf"),
        pytest.param(PYTHON, True, False, id="python, deaf", marks=pytest.mark.full),
        pytest.param(GO, False, True, id="go, mute", marks=pytest.mark.full),
    ],
)
def test_a_worker_without_a_network_stops_and_comes_back(
    make_fleet: MakeFleet, kinds: str, incoming: bool, outgoing: bool, tmp_path: Path
) -> None:
    """It cannot renew its lease, so it stops; another has its attempts; mended, it works on. R-08"""
    path = tmp_path / "marks"
    with network() as net:
        server = RedisServer("--protected-mode", "no", host=net.address).start()
        try:
            fleet = make_fleet(kinds, server, lease=LEASE_OF_THE_CUT_OFF[kinds])
            machine = net.machine()
            fleet.start(slots=2, insecure="true", prefix=machine.command([]))
            asyncio.run(_partitioned(fleet, machine, path, incoming=incoming, outgoing=outgoing))
            fleet.end()
        finally:
            server.remove()


async def _partitioned(fleet: Fleet, machine: Any, path: Path, *, incoming: bool, outgoing: bool) -> None:
    def words(what: str) -> list[list[str]]:
        return list(of(path, what))

    async with Runner(fleet.url, fleet.keys, lease=fleet.lease, insecure=True) as runner:
        running = runner.start_many(2, "exam.sleep", {"seconds": 2.5, "mark": str(path)})
        await eventually(lambda: len(words("start")) > 1)
        machine.cut(incoming=incoming, outgoing=outgoing)
        await eventually(lambda: len(words("cancelled")) > 1)
        await asyncio.to_thread(fleet.start, slots=2, insecure="true")
        assert values_of(await asyncio.gather(*running)) == [2.5] * 2
        assert len(words("start")) > 3
        fleet.workers[1].terminate()
        await asyncio.to_thread(fleet.workers[1].wait)
        machine.mend()
        assert values_of([await runner.run("exam.echo", {"value": 1})]) == [1]
