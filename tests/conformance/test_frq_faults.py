"""The exam of faults: workers die, freeze and lose their connection; each attempt has one outcome all the same."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from ..project import birth, eventually
from ..redis_server import RedisServer
from .conftest import MakeFleet
from .frq.fleet import GO, LEASE_OF_THE_CUT_OFF, PYTHON, SHORT_LEASE, Fleet, descendants, marks, of
from .frq.scheduler import Scheduler

EACH = pytest.mark.parametrize("kinds", [PYTHON, GO])
_LONG = [pytest.mark.full, pytest.mark.timeout(1800)]
EACH_AND_BOTH = pytest.mark.parametrize("kinds", [PYTHON, GO, "mixed"])


def killed_at_random(fleet: Fleet, scheduler: Scheduler, path: Path, count: int, kills: int) -> None:
    """Hand in so many attempts, and kill some worker at random moments until all have a result."""
    chance = random.Random(7)
    moments = sorted(chance.randrange(count) for _ in range(kills))
    fleet.start(3)
    params = {"seconds": 0.01, "mark": str(path)}
    ids = [scheduler.submit("exam.sleep", params, max_deliveries=20) for _ in range(count)]
    while len(scheduler.results) < count:
        scheduler.look()
        while moments and len(scheduler.results) > moments[0]:
            moments.pop(0)
            chance.choice([worker for worker in fleet.workers if not worker.is_over]).kill()
            fleet.start()
            scheduler.live()
    assert set(scheduler.results) == set(ids)


@EACH_AND_BOTH
@pytest.mark.parametrize(("count", "kills"), [(1000, 4), pytest.param(10_000, 50, marks=_LONG)])
def test_each_result_arrives_once_although_workers_are_killed(
    make_fleet: MakeFleet, kinds: str, count: int, kills: int, tmp_path: Path
) -> None:
    """What a killed worker had is performed again, and nothing else is. R-01, CF-80, X-CF-01, X-CF-03"""
    fleet, path = make_fleet(kinds, lease="3s"), tmp_path / "marks"
    scheduler = Scheduler(fleet.redis, fleet.keys)

    killed_at_random(fleet, scheduler, path, count, kills)

    assert sum(worker.is_over for worker in fleet.workers) == kills
    assert not scheduler.duplicates
    assert {result.status for (result,) in scheduler.results.values()} == {"ok"}
    starts = [line[1] for line in of(path, "start")]
    assert set(starts) == set(scheduler.results)
    assert len(starts) <= count + kills * 4  # slots
    assert scheduler.redis.xlen(scheduler.keys.tasks) == 0
    assert scheduler.pending() == 0


@EACH
def test_what_a_killed_worker_had_is_taken_over_after_a_lease(
    make_fleet: MakeFleet, kinds: str, tmp_path: Path
) -> None:
    """Nothing that it started goes on, and the attempt does not wait for much longer than the lease. R-01, X-CF-03"""
    fleet, path = make_fleet(kinds, lease=SHORT_LEASE), tmp_path / "marks"
    fleet.start(2, slots=1)
    scheduler = Scheduler(fleet.redis, fleet.keys)
    attempt = scheduler.submit("exam.sleep", {"seconds": 1, "mark": str(path)})
    first = fleet.holder_of(attempt, scheduler)
    children = {pid: birth(pid) for pid in descendants(first.pid)}

    first.kill()

    result = scheduler.result(attempt)
    assert (result.status, result.delivery > 1) == ("ok", True), result
    assert not scheduler.duplicates
    assert not [pid for pid, born in children.items() if birth(pid) == born]
    assert not [line for line in of(path, "end") if int(line[3]) in (first.pid, *children)]


@EACH
def test_a_worker_that_overslept_does_not_give_a_second_result(
    make_fleet: MakeFleet, kinds: str, tmp_path: Path
) -> None:
    """It was suspended for longer than its lease; when it goes on, another has its attempt, and it drops its own."""
    fleet, path = make_fleet(kinds, lease=SHORT_LEASE), tmp_path / "marks"
    fleet.start(2, slots=1)
    scheduler = Scheduler(fleet.redis, fleet.keys)
    attempt = scheduler.submit("exam.block", {"seconds": 1.5, "mark": str(path)})
    sleeper = fleet.holder_of(attempt, scheduler)
    eventually(lambda: list(of(path, "start")))

    sleeper.freeze()
    eventually(lambda: len(list(of(path, "start"))) > 1)
    sleeper.thaw()

    result = scheduler.result(attempt)
    assert (result.status, result.delivery > 1) == ("ok", True), result
    eventually(lambda: fleet.running() == [0, 0])
    scheduler.look()
    assert not scheduler.duplicates
    assert scheduler.pending() == 0


@EACH
def test_a_poisonous_attempt_is_a_dead_letter(make_fleet: MakeFleet, kinds: str, tmp_path: Path) -> None:
    """An attempt that kills every worker is given up after its deliveries, and the others do not suffer. R-04"""
    fleet, path = make_fleet(kinds, lease=SHORT_LEASE), tmp_path / "marks"
    fleet.start(slots=2)
    scheduler = Scheduler(fleet.redis, fleet.keys)
    handler = "exam.crash" if kinds == GO else "exam.sleep"  # in Python the handler has a process of its own
    params = {"mark": str(path)} if kinds == GO else {"mark": str(path), "seconds": 600}
    attempt = scheduler.submit(handler, params, max_deliveries=3)
    others = [scheduler.submit("exam.echo", {"value": number}, max_deliveries=20) for number in range(10)]

    for number in range(1, 4):
        eventually(lambda number=number: len(list(of(path, "start"))) == number)  # type: ignore[misc]
        if kinds == PYTHON:
            fleet.workers[-1].kill()
        fleet.workers[-1].wait()
        fleet.start(slots=2)

    result = scheduler.result(attempt)
    assert (result.status, result.error["code"]) == ("lost", "max_deliveries"), result
    assert len(list(of(path, "start"))) == 3
    scheduler.wait_for(others)
    assert {scheduler.results[one][0].status for one in others} == {"ok"}
    ((_entry, letter),) = scheduler.redis.xrange(scheduler.keys.dead)
    assert (letter[b"id"], letter[b"reason"]) == (attempt.encode(), b"max_deliveries")
    assert scheduler.pending() == 0
    assert not scheduler.duplicates


def test_a_handler_that_kills_its_process_fails(scheduler: Scheduler, at_work: Fleet, tmp_path: Path) -> None:
    """In Python every attempt has a process of its own, and the worker lives on."""
    if at_work.kinds != (PYTHON,):
        return  # a Go worker dies with it: the exam of poison

    result = scheduler.run("exam.crash", {"mark": str(tmp_path / "marks")})

    assert result.status == "failed", result
    assert "SIGKILL" in result.error["message"]
    assert scheduler.run("exam.echo", {"value": 1}).status == "ok"


@EACH
def test_an_attempt_that_may_be_delivered_once_is_not_begun_twice(
    make_fleet: MakeFleet, kinds: str, tmp_path: Path
) -> None:
    """At most once: when its worker dies it is lost."""
    fleet, path = make_fleet(kinds, lease=SHORT_LEASE), tmp_path / "marks"
    worker = fleet.one(slots=1)
    scheduler = Scheduler(fleet.redis, fleet.keys)
    attempt = scheduler.submit("exam.sleep", {"seconds": 600, "mark": str(path)}, max_deliveries=1)
    eventually(lambda: marks(path))

    worker.kill()
    fleet.start()

    assert scheduler.result(attempt).status == "lost"
    assert len(list(of(path, "start"))) == 1


@EACH
def test_everything_of_a_dead_worker_is_taken_over(make_fleet: MakeFleet, kinds: str) -> None:
    """However much it was: more than one look finds. R-12"""
    fleet = make_fleet(kinds, lease=SHORT_LEASE)
    scheduler = Scheduler(fleet.redis, fleet.keys)
    fleet.redis.xgroup_create(fleet.keys.tasks, "workers", id="0", mkstream=True)
    ids = [scheduler.submit("exam.echo", {"value": number}) for number in range(1001)]
    fleet.redis.xreadgroup("workers", "dead", {fleet.keys.tasks: ">"}, count=1001)
    assert scheduler.pending() == 1001

    fleet.start(2, slots=16)
    scheduler.wait_for(ids)

    assert min(result.delivery for (result,) in scheduler.results.values()) == 2
    assert not scheduler.duplicates
    assert scheduler.pending() == 0


@EACH
def test_an_attempt_that_was_called_back_is_not_taken_over(make_fleet: MakeFleet, kinds: str, tmp_path: Path) -> None:
    """Its worker died before it could say so."""
    fleet, path = make_fleet(kinds, lease=SHORT_LEASE), tmp_path / "marks"
    worker = fleet.one(slots=1)
    scheduler = Scheduler(fleet.redis, fleet.keys)
    attempt = scheduler.submit("exam.block", {"seconds": 600, "mark": str(path)})
    eventually(lambda: marks(path))

    assert scheduler.cancel(attempt, grace_ms=600_000) == "signalled"
    worker.kill()
    fleet.start()

    assert scheduler.result(attempt).status == "cancelled"
    assert len(list(of(path, "start"))) == 1
    assert scheduler.redis.zcard(scheduler.keys.cancel) == 0


@EACH
def test_a_worker_works_on_after_its_scripts_and_its_group_are_gone(make_fleet: MakeFleet, kinds: str) -> None:
    """Somebody flushed the server: it announces itself again and serves whoever comes. R-03, CF-80"""
    fleet = make_fleet(kinds, lease=SHORT_LEASE)
    fleet.start()
    scheduler = Scheduler(fleet.redis, fleet.keys)
    assert scheduler.run("exam.echo", {"value": 1}).status == "ok"

    for key in fleet.redis.scan_iter(f"{fleet.keys.base}:*"):
        fleet.redis.delete(key)
    fleet.redis.script_flush()

    afterwards = Scheduler(fleet.redis, fleet.keys)
    assert afterwards.run("exam.echo", {"value": 2}).value == 2
    eventually(lambda: fleet.redis.zcard(fleet.keys.workers) == 1)
    (name,) = fleet.redis.zrange(fleet.keys.workers, 0, -1)
    eventually(lambda: fleet.redis.hexists(fleet.keys.worker(name.decode()), "handlers"))


@EACH
def test_a_worker_that_is_silent_for_a_lease_stops_what_it_does(
    make_fleet: MakeFleet, own_redis: RedisServer, kinds: str, tmp_path: Path
) -> None:
    """It cannot renew its lease: what it has is asked to end, and must have stopped before another begins. R-08"""
    fleet, path = make_fleet(kinds, own_redis, lease=LEASE_OF_THE_CUT_OFF[kinds]), tmp_path / "marks"
    fleet.start(slots=1)
    scheduler = Scheduler(fleet.redis, fleet.keys)
    scheduler.submit("exam.sleep", {"seconds": 600, "mark": str(path)})
    eventually(lambda: marks(path))

    own_redis.signal(signal.SIGSTOP)
    eventually(lambda: list(of(path, "cancelled")))
    own_redis.signal(signal.SIGCONT)

    eventually(lambda: len(list(of(path, "start"))) > 1)
