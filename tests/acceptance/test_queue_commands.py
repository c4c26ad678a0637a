"""`flowrun workers` and `flowrun queue`: what is seen of a queue, and what a person may do with it."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable
from typing import Any

import pytest

from flowrun.frq.keys import GROUP

from ..project import Finished, Project, Started, eventually
from ..redis_queue import RedisQueue
from ..redis_server import RedisServer


class Yard(RedisQueue):
    """A queue of the test's own, and what is done with it through the command line."""

    def worker(self, *arguments: str) -> Started:
        """Start a worker and wait until it serves."""
        before = self.redis.zcard(self.keys.workers)
        started = self.project.command("worker", *arguments)
        eventually(lambda: started.is_over or self.redis.zcard(self.keys.workers) != before)
        return started

    def queue(self, *arguments: str) -> Finished:
        """Do something with the queue."""
        return self.project.command("queue", *arguments).wait()

    def state(self) -> dict[str, Any]:
        """What is shown of the queue."""
        return dict(json.loads(self.queue("--json").out))

    def kill_by_delivery(self) -> str:
        """Make a dead letter: an attempt that every worker was lost with. Gives its id."""
        attempt = self.scheduler.submit("Step", max_deliveries=1)
        self.redis.xgroup_create(self.keys.tasks, GROUP, id="0")
        self.redis.xreadgroup(GROUP, "lost", {self.keys.tasks: ">"})
        self.worker("--lease", "1s")
        assert self.scheduler.result(attempt).status == "lost"
        return attempt


@pytest.fixture
def yard(project: Project, shared_redis: RedisServer, request: pytest.FixtureRequest) -> Yard:
    """A project and a queue of the test's own."""
    return Yard(project, shared_redis, re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:60])


def test_workers_are_shown_with_what_they_offer_and_do(yard: Yard) -> None:
    """Name, release, slots in use, state, heartbeat, and the names of tasks; a worker that has left is not shown."""
    worker = yard.worker("--slots", "3", "--lease", "1s")

    def workers() -> dict[str, Any]:
        return dict(json.loads(yard.project.command("workers", "--json").wait().out))

    assert eventually(lambda: workers()["workers"])[0]["state"] == "idle"
    yard.scheduler.submit("Step", {"waits_for": str(yard.project.flag)})
    yard.project.wait_for_mark("t1")

    shown = eventually(lambda: (found := workers())["workers"][0]["running"] == 1 and found)
    one = shown["workers"][0]
    assert (shown["version"], shown["queue"], len(shown["workers"])) == (1, yard.keys.queue, 1)
    assert (one["language"], one["slots"], one["state"], one["pid"]) == ("python", 3, "working", worker.pid)
    assert one["heartbeat_age_seconds"] < 3600
    assert {"Step", "Busy"} <= set(one["handlers"])
    text = yard.project.command("workers").wait().out
    assert re.search(rf"^{one['name']}   python \S+   1 of 3 slots in use   working   heartbeat \S+ ago", text)
    assert re.search(r"^    .*\bStep\b", text, re.MULTILINE)

    yard.project.flag.touch()
    worker.signal(signal.SIGTERM)
    worker.wait()
    assert "no worker of queue" in yard.project.command("workers").wait().err


def test_workers_are_shown_with_what_was_said_of_them(yard: Yard) -> None:
    """`--labels`, several at once or one by one, in place of those of FLOWRUN_LABELS. They move no task."""
    yard.project.environment["FLOWRUN_LABELS"] = "zone=eu,disk=ssd"
    yard.worker("--slots", "1")
    yard.worker("--slots", "2", "--labels", "zone=us", "--labels", "disk=hdd,rack=a=b")

    def shown() -> dict[int, dict[str, str]]:
        workers = json.loads(yard.project.command("workers", "--json").wait().out)["workers"]
        return {one["slots"]: one["labels"] for one in workers}

    assert eventually(lambda: len(found := shown()) == 2 and found) == {
        1: {"zone": "eu", "disk": "ssd"},
        2: {"zone": "us", "disk": "hdd", "rack": "a=b"},
    }
    assert "   disk=hdd, rack=a=b, zone=us\n" in yard.project.command("workers").wait().out
    wrong = yard.project.command("worker", "--labels", "zone").wait()
    assert (wrong.status, "'zone' is not of the form KEY=VALUE" in wrong.err) == (2, True)


def test_depth_is_shown(yard: Yard) -> None:
    """How many attempts wait, since when, how many are under way, and who works on them."""
    assert yard.state() == {
        "version": 1,
        "queue": yard.keys.queue,
        "waiting": 0,
        "waiting_seconds": 0.0,
        "under_way": 0,
        "dead_letters": 0,
        "workers": 0,
        "slots": 0,
    }
    yard.worker("--slots", "1")
    for _ in range(3):
        yard.scheduler.submit("Step", {"waits_for": str(yard.project.flag)})
    yard.project.wait_for_mark("t1")

    state, text = yard.state(), yard.queue().out

    assert (state["waiting"], state["under_way"], state["workers"], state["slots"]) == (2, 1, 1, 1)
    assert state["waiting_seconds"] > 0
    assert re.search(r"waiting +2   the first one for ", text)
    assert re.search(r"workers +1   1 slot$", text, re.MULTILINE)


def test_a_dead_letter_is_given_to_the_workers_once_more(yard: Yard) -> None:
    """It is listed with its reason; after `requeue` a worker performs it. X-CF-03"""
    attempt = yard.kill_by_delivery()
    listed = yard.queue("dead").out
    assert attempt in listed
    assert "every worker that had it was lost" in listed

    assert yard.queue("requeue", attempt).status == 0

    yard.project.wait_for_mark("t1", "end")
    assert json.loads(yard.queue("dead", "--json").out)["dead"] == []
    assert eventually(lambda: yard.state()["under_way"] == 0)


def test_dead_letters_are_dropped(yard: Yard) -> None:
    """One by its place or its attempt, all with `purge`, none with `--dry-run`; an unknown one is named."""
    attempt = yard.kill_by_delivery()
    for number in range(3):
        yard.scheduler.forge({b"nonsense": b"%d" % number})
    eventually(lambda: yard.redis.xlen(yard.keys.dead) == 4)
    place = json.loads(yard.queue("dead", "--json").out)["dead"][1]["entry"]

    assert yard.queue("drop", attempt).status == 0
    assert yard.queue("drop", place).status == 0
    assert yard.queue("drop", attempt).status == 2
    assert "would remove 2 dead letters" in yard.queue("purge", "--dry-run").err
    assert yard.state()["dead_letters"] == 2
    assert "removed 2 dead letters" in yard.queue("purge").err
    assert yard.state()["dead_letters"] == 0
    assert "has no dead letters" in yard.queue("dead").err


def test_waiting_attempts_are_called_back(yard: Yard) -> None:
    """`purge --waiting`: what no worker has taken is removed, and its run hears of it; what is under way goes on."""
    yard.worker("--slots", "1")
    flag = str(yard.project.flag)
    running, *waiting = (yard.scheduler.submit("Step", {"waits_for": flag}) for _ in range(3))
    yard.project.wait_for_mark("t1")

    assert "would remove 2 waiting attempts" in yard.queue("purge", "--waiting", "--dry-run").err
    assert "removed 2 waiting attempts" in yard.queue("purge", "--waiting", "--yes").err

    assert [yard.scheduler.result(attempt).status for attempt in waiting] == ["cancelled", "cancelled"]
    yard.project.flag.touch()
    assert yard.scheduler.result(running).status == "ok"


def test_workers_pause_and_go_on(yard: Yard) -> None:
    """A paused worker takes nothing; told to go on, it does."""
    yard.worker("--slots", "1")
    assert "told to pause: " in yard.queue("pause").err
    eventually(lambda: "paused" in yard.project.command("workers").wait().out)
    attempt = yard.scheduler.submit("Step")
    assert yard.state()["waiting"] == 1

    yard.queue("resume")

    assert yard.scheduler.result(attempt).status == "ok"


def test_one_worker_is_drained(yard: Yard) -> None:
    """The worker that is named ends what it has and leaves; the other one stays."""
    first, second = yard.worker("--slots", "1"), yard.worker("--slots", "1")
    names = yard.redis.zrange(yard.keys.workers, 0, -1)
    name = next(it.decode() for it in names if f"-{first.pid}-".encode() in it)  # type: ignore[union-attr]

    assert yard.queue("drain", "--worker", name, "--grace", "20s").status == 0

    assert first.wait().status == 0
    assert not second.is_over
    assert yard.scheduler.run("Step").status == "ok"
    unknown = yard.queue("drain", "--worker", name)
    assert unknown.status == 2
    assert "there is nobody to be told; workers of " in unknown.err


def test_redis_that_is_not_there_is_told_of(project: Project) -> None:
    """Status 6 and the cause; a URL that makes no sense is a wrong use."""
    away = project.command("workers", "--redis", "redis://127.0.0.1:1").wait()
    wrong = project.command("queue", "--redis", "http://127.0.0.1").wait()

    assert away.status == 6
    assert "Redis at redis://127.0.0.1:1/0 cannot be used: " in away.err
    assert wrong.status == 2
    assert "'http' begins no URL of Redis" in wrong.err


def test_a_redis_is_looked_at(yard: Yard, make_redis_server: Callable[..., RedisServer]) -> None:
    """Each thing with a verdict; status 1 only if something will go wrong. R-13"""
    yard.worker("--slots", "2")
    good = yard.project.command("doctor", "redis", "--json").wait()
    verdicts = {one["subject"]: one["verdict"] for one in json.loads(good.out)["findings"]}
    assert good.status == 0
    assert (verdicts["version"], verdicts["memory"], verdicts["workers"]) == ("good", "good", "good")
    assert verdicts["persistence"] == "doubtful"

    forgetful = make_redis_server("--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru").start()
    bad = yard.project.command("doctor", "redis", "--redis", forgetful.url).wait()
    assert bad.status == 1
    assert "✗ memory       maxmemory-policy is allkeys-lru, and would forget tasks: set it to noeviction" in bad.out
    assert re.search(r"! workers +none is alive", bad.out)
    refused = yard.project.command("worker", "--redis", forgetful.url).wait()
    assert refused.status == 6
    assert "its maxmemory-policy is 'allkeys-lru', and must be 'noeviction'" in refused.err


def test_the_extra_that_is_missing_is_named_by_every_command(project: Project) -> None:
    """In one line with status 2."""
    source = project.environment["PYTHONPATH"]
    for package in ("redis", "hiredis"):
        text = f"raise ModuleNotFoundError('none', name={package!r})\n"
        aside = project.file(f"without-{package}/{package}.py", text).parent
        project.environment["PYTHONPATH"] = f"{aside}:{source}"
        for words in (("workers",), ("queue",), ("queue", "dead"), ("doctor", "redis")):
            refused = project.command(*words).wait()

            assert refused.status == 2, refused
            assert "error: this command needs the extra 'redis': pip install 'flowrun-jobs[redis]'" in refused.err


def test_a_doctor_is_told_what_to_look_at(project: Project) -> None:
    """Without a subject it is wrong usage, in a few lines."""
    refused = project.command("doctor").wait()

    assert refused.status == 2
    assert "error: Missing command." in refused.err
    assert len(refused.err.splitlines()) == 3
