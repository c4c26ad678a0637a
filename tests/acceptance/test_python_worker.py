"""`flowrun worker`: tasks of this project are performed for runs elsewhere, and nothing that it has taken is lost."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowrun.frq import body

from ..conformance.frq.scheduler import Result
from ..project import Project, Started, eventually
from ..redis_queue import RedisQueue
from ..redis_server import RedisServer


class Workplace(RedisQueue):
    """A project whose workers serve a queue of its own, and what hands attempts to them."""

    def start(self, *arguments: str) -> Started:
        """Start a worker and wait until it serves."""
        before = self.serving()
        started = self.project.command("worker", *arguments)
        eventually(lambda: started.is_over or self.serving() - before)
        assert not started.is_over, started.wait()
        return started

    def serving(self) -> set[str]:
        """The workers that are alive."""
        return {name.decode() for name in self.redis.zrange(self.keys.workers, 0, -1)}  # type: ignore[union-attr]

    def told(self, name: str, field: str) -> str:
        """What a worker says of itself."""
        return (self.redis.hget(self.keys.worker(name), field) or b"").decode()  # type: ignore[union-attr]

    def waiting(self) -> int:
        """Entries in the queue."""
        return int(self.redis.xlen(self.keys.tasks))


@pytest.fixture
def place(project: Project, shared_redis: RedisServer, request: pytest.FixtureRequest) -> Workplace:
    """A project and a queue of the test's own."""
    return Workplace(project, shared_redis, re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:60])


TASKS = """
@task
def double(number: int) -> int:
    print("doubling", number)
    return 2 * number

@task
async def later(number: int) -> int:
    await asyncio.sleep(0)
    return number
"""


def page(url: str) -> tuple[int, str]:
    """Status and text of a page."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


# What it performs, and where.


@pytest.mark.parametrize("isolation", ["process", "thread", "inline"])
def test_tasks_are_performed_wherever_they_are_asked_to_be(place: Workplace, isolation: str) -> None:
    """In processes, threads and coroutines: results, hooks in order, and lines come back. CF-79"""
    place.project.task_module(TASKS)
    place.start("--isolation", isolation)

    doubled = place.scheduler.run("double", {"number": 21})
    waited = place.scheduler.run("later", {"number": 3})
    stepped = place.scheduler.run("Step")

    assert (doubled.status, doubled.value) == ("ok", 42), doubled
    assert (waited.status, waited.value) == ("ok", 3), waited
    assert stepped.status == "ok", stepped
    assert place.project.hooks("t3") == ["on_create", "start", "end", "on_success", "on_destroy"]
    lines = [text for message in place.scheduler.logs for _at, _level, text in message.lines]
    assert "doubling 21" in lines


@pytest.mark.parametrize("isolation", ["process", "thread", "inline"])
def test_an_attempt_that_is_called_back_cleans_up(place: Workplace, isolation: str) -> None:
    """`on_abort` is called wherever the task runs, and the client hears `cancelled`."""
    place.start("--isolation", isolation)
    attempt = place.scheduler.submit("AsyncStep" if isolation == "inline" else "Step", {"seconds": 60})
    place.project.wait_for_mark("t1")

    place.scheduler.cancel(attempt)

    assert place.scheduler.result(attempt).status == "cancelled"
    assert place.project.hooks("t1")[-2:] == ["on_abort", "on_destroy"]


def test_the_worker_itself_runs_no_code_of_the_project(place: Workplace) -> None:
    """Modules are imported by another process: whatever they do, leases are renewed."""
    place.project.task_module("""
mark("module", "start")

@task
def where() -> int:
    return os.getppid()
""")
    worker = place.start("--lease", "1s", "--slots", "1")

    importing = place.project.marks("module")[0].pid
    assert importing != worker.pid
    assert place.scheduler.run("where").value == importing


def test_a_task_that_takes_all_of_a_processor_keeps_its_lease(place: Workplace) -> None:
    """Heartbeats do not depend on what tasks do: the attempt is delivered once, although it takes several leases."""
    place.project.task_module("""
@task
def compute() -> int:
    total, end = 0, time.monotonic() + 2.5
    while time.monotonic() < end:
        total += sum(i * i for i in range(10_000))
    return total
""")
    place.start("--lease", "1s", "--isolation", "thread")
    place.start("--lease", "1s")

    result = place.scheduler.run("compute")

    assert (result.status, result.delivery) == ("ok", 1), result


def test_shared_values_travel(place: Workplace) -> None:
    """An attempt sees the shared values as they were when it was asked for; its changes come back with the result."""
    place.project.task_module("""
@task
class Count(Task):
    def run(self) -> None:
        self.shared_dict["n"] = self.shared_dict["n"] + 1
        del self.shared_dict["old"]
""")
    place.start("--slots", "1")
    for number in (4, 70):
        shared = {"n": number, "old": "x"}
        data = body.write({"params": {}, "shared": shared, "run": {"task": "count"}})

        result = place.scheduler.run("Count", body=data)

        assert result.body["shared"] == {"set": {"n": number + 1}, "deleted": ["old"]}, result


def test_secrets_come_from_the_environment_of_the_worker(place: Workplace) -> None:
    """A secret travels by its name; what a task prints of it is hidden, and one that is not here is told of."""
    place.project.task_module("""
@task
class Login(Task):
    def run(self) -> int:
        print("with", self.env["API_TOKEN"], os.environ["MODE"])
        return len(os.environ["API_TOKEN"])
""")
    place.project.environment["API_TOKEN"] = "s3cret-and-long"
    place.start()

    def asked(*secrets: str) -> Result:
        attempt = {"env": {"MODE": "fast"}, "secrets": secrets}
        data = body.write({"params": {}, "run": {"task": "login", "attempt": attempt}})
        return place.scheduler.run("Login", body=data)

    known, unknown = asked("API_TOKEN"), asked("API_TOKEN", "NOT_HERE")

    assert (known.status, known.value) == ("ok", 15), known
    assert [text for message in place.scheduler.logs for *_, text in message.lines] == ["with *** fast"]
    assert unknown.status == "rejected"
    assert "no secret NOT_HERE in its environment" in unknown.error["message"]


@pytest.mark.parametrize("isolation", ["process", "thread"])
def test_a_task_knows_the_span_of_its_run(place: Workplace, isolation: str) -> None:
    """As beside the run, it has `TRACEPARENT` in its environment; in threads in its own alone."""
    place.project.task_module("""
@task
class Span(Task):
    def run(self) -> list[str]:
        return [where.get("TRACEPARENT", "none") for where in (self.env, os.environ)]
""")
    place.start("--isolation", isolation)
    span = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    traced = place.scheduler.run("Span", traceparent=span).value
    untraced = place.scheduler.run("Span").value

    assert traced == [span, span if isolation == "process" else "none"]
    assert untraced == ["none", "none"]


@pytest.mark.parametrize("isolation", ["process", "thread"])
def test_an_attempt_that_comes_twice_is_not_performed_twice_at_once(place: Workplace, isolation: str) -> None:
    """Doubled by hand, the second waits for the end of the first; attempts without a name do not stand in the way."""
    place.start("--slots", "4", "--isolation", isolation)
    flag = str(place.project.flag)
    doubled = place.scheduler.task("Step", {"waits_for": flag})
    for _ in range(2):
        place.scheduler.forge(doubled.fields())
    place.project.wait_for_mark("t1")
    nameless = [place.scheduler.run("Step", body=b'{"params": {}}').status for _ in range(2)]
    assert (nameless, place.project.count("t1")) == (["ok", "ok"], 1)

    place.project.flag.touch()

    eventually(lambda: place.waiting() == 0)
    marks = place.project.marks("t1")
    assert [mark.what for mark in marks if mark.what in ("start", "end")] == ["start", "end", "start", "end"]


# What it offers.


def test_what_is_found_is_offered(place: Workplace) -> None:
    """Names and schemas of classes and functions are announced; what is broken or has two meanings is left out."""
    place.project.task_module(TASKS)
    place.project.file("tasks/other.py", "from flowrun.task import task\n\n@task\ndef later() -> None: ...\n")
    place.project.file("tasks/broken.py", "import no_such_module\n")

    worker = place.start()

    shown = json.loads(place.project.command("workers", "--json").wait().out)["workers"][0]
    worker.signal(signal.SIGTERM)
    said = worker.wait().err
    assert shown["handlers"]["double"]["properties"]["number"]["type"] == "integer"
    assert shown["handlers"]["double"]["required"] == ["number"]
    assert "later" not in shown["handlers"]
    assert "Noop" not in shown["handlers"]
    assert re.search(r"later is not offered: 2 classes or functions have this name: tasks/\w+.py:\d+ and tasks/", said)
    assert "tasks/broken.py:1 cannot be imported: ModuleNotFoundError" in said


def test_a_project_without_tasks_is_refused(place: Workplace, tmp_path: Path) -> None:
    """A worker that has nothing to offer says so, and where it looked."""
    ended = place.project.command("worker", "-C", str(tmp_path)).wait()

    assert ended.status == 3
    assert f"no class or function with @task was found below {tmp_path}" in ended.err


def test_code_that_has_changed_is_taken_up(place: Workplace) -> None:
    """What is under way ends with the code it began with; broken code changes nothing."""
    module = "@task\nclass Version(Step):\n    def run(self) -> str:\n        super().run()\n        return '{}'\n"
    place.project.task_module(module.format("first"))
    worker = place.start("--slots", "2")
    flag = place.project.flag
    slow = place.scheduler.submit("Version", {"waits_for": str(flag)})
    place.project.wait_for_mark("t1")

    place.project.task_module(module.format("second") + "\n@task\ndef added() -> None: ...\n")
    eventually(lambda: "added" in place.told(max(place.serving()), "handlers"))
    assert place.scheduler.run("Version").value == "second"
    flag.touch()
    assert place.scheduler.result(slow).value == "first"

    place.project.task_module("this is no Python")
    eventually(lambda: "cannot be used" in worker.said_so_far())
    assert place.scheduler.run("Version").value == "second"


def test_changed_code_that_hangs_stops_nobody(place: Workplace) -> None:
    """The tasks stay as they were while it is read, and the worker ends when it is told to."""
    place.project.task_module("@task\ndef version() -> str:\n    return 'first'\n")
    worker = place.start()
    hanging = place.project.aside / "hanging"

    place.project.task_module(f"open({str(hanging)!r}, 'w').close()\nimport time\ntime.sleep(3600)\n")
    eventually(hanging.exists)

    assert place.scheduler.run("version").value == "first"
    worker.signal(signal.SIGTERM)
    assert worker.wait().status == 0


@pytest.mark.parametrize(("where", "status"), [("params", "ok"), ("shared", "rejected")])
def test_a_body_that_is_nested_deeply_ends_no_worker(place: Workplace, where: str, status: str) -> None:
    """It is performed, or refused if it cannot be read, and so is the next one."""
    place.project.task_module("@task\ndef version(value: object = None) -> str:\n    return 'first'\n")
    place.start()
    deep: dict[str, Any] = {}
    for _ in range(600):
        deep = {"a": deep}
    body = {"params": {}, "shared": {}, "run": {}, where: {"value": deep}}

    result = place.scheduler.result(place.scheduler.submit("version", body=json.dumps(body).encode()))

    assert result.status == status, result
    assert place.scheduler.run("version").value == "first"


def test_code_stays_if_it_is_told_to(place: Workplace) -> None:
    """`--no-reload`: files may change, the tasks stay as they were."""
    place.project.task_module("@task\ndef version() -> str:\n    return 'first'\n")
    worker = place.start("--no-reload")
    place.project.task_module("@task\ndef version() -> str:\n    return 'second'\n")

    assert place.scheduler.run("version").value == "first"
    assert "changed" not in worker.said_so_far()


def test_another_process_takes_over_when_that_with_the_code_is_gone(place: Workplace) -> None:
    """The process from which attempts are forked may be killed: what it had has failed, and the next attempt runs."""
    place.project.task_module("@task\ndef house() -> int:\n    return os.getppid()\n")
    place.start("--slots", "1")
    house = place.scheduler.run("house").value
    slow = place.scheduler.submit("Step", {"seconds": 60})
    place.project.wait_for_mark("t2")

    os.kill(house, signal.SIGKILL)

    assert place.scheduler.result(slow).status == "failed"
    assert place.scheduler.run("house").value != house


# Its end.


def test_a_worker_may_end_after_so_many_attempts(place: Workplace) -> None:
    """`--max-tasks`: it takes no more than that, and leaves."""
    place.project.task_module(TASKS)
    for number in range(3):
        place.scheduler.submit("double", {"number": number})

    ended = place.project.command("worker", "--slots", "4", "--max-tasks", "2").wait()

    assert ended.status == 0, ended
    assert (place.waiting(), place.serving()) == (1, set())


def test_the_second_signal_ends_it_at_once(place: Workplace) -> None:
    """Nothing that it has started is left, and others take over what it had."""
    worker = place.start("--grace", "10m")
    place.scheduler.submit("Step", {"seconds": 600})
    place.project.wait_for_mark("t1")
    worker.signal(signal.SIGTERM)
    eventually(lambda: "ending" in worker.said_so_far())

    worker.signal(signal.SIGTERM)

    assert worker.wait().status == 143
    assert place.project.all_gone()
    assert place.waiting() == 1


def test_nothing_outlives_a_worker_that_is_killed(place: Workplace) -> None:
    """`kill -9` of the worker ends what it has started; another worker performs it."""
    worker = place.start("--lease", "1s")
    attempt = place.scheduler.submit("Step", {"waits_for": str(place.project.flag)})
    place.project.wait_for_mark("t1")

    worker.kill()

    assert place.project.all_gone()
    place.project.flag.touch()
    place.start("--lease", "1s")
    assert place.scheduler.result(attempt).delivery == 2


def test_a_restart_of_redis_loses_nothing(project: Project, make_redis_server: Callable[..., RedisServer]) -> None:
    """The worker waits, comes back, and goes on with what is under way and what waits. CF-80"""
    server = make_redis_server(aof=True).start()
    place = Workplace(project, server, "restarted")
    worker = place.start("--slots", "1")
    attempts = [place.scheduler.submit("Step", {"waits_for": str(project.flag)}) for _ in range(3)]
    project.wait_for_mark("t1")

    server.restart()
    eventually(lambda: "is back" in worker.said_so_far())
    project.flag.touch()

    assert [place.scheduler.result(attempt).delivery for attempt in attempts] == [1, 1, 1]
    assert [project.count(f"t{number}") for number in (1, 2, 3)] == [1, 1, 1]
    project.end_everything()


# How it is looked after.


def test_probes_and_metrics_are_answered(place: Workplace) -> None:
    """`--listen`: healthy, ready unless it is paused, and counts for Prometheus."""
    place.project.task_module(TASKS)
    worker = place.start("--listen", "127.0.0.1:0", "--slots", "3")
    url = re.search(
        r"listening on (http://\S+)", eventually(lambda: "listening" in worker.said_so_far() and worker.said_so_far())
    )
    assert url
    place.scheduler.run("double", {"number": 1})
    place.scheduler.run("double", {"number": "x"})

    assert page(f"{url[1]}/healthz") == (200, "healthy\n")
    assert page(f"{url[1]}/readyz") == (200, "ready\n")
    status, text = page(f"{url[1]}/metrics")
    assert status == 200
    assert 'flowrun_worker_tasks_total{handler="double",status="ok"} 1.0' in text
    assert 'flowrun_worker_tasks_total{handler="double",status="rejected"} 1.0' in text
    assert "flowrun_worker_slots 3.0" in text
    assert page(f"{url[1]}/../etc/passwd")[0] == 404

    place.project.command("queue", "pause").wait()
    assert eventually(lambda: page(f"{url[1]}/readyz")[0] == 503)


# What stands against it.


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--redis", "redis://127.0.0.1:1"), 6, "Redis at redis://127.0.0.1:1/0 cannot be used"),
        (("--redis", "redis://192.0.2.1"), 2, "would not be encrypted: use rediss://, or say --insecure"),
        (("--queue", "No Name"), 2, "'No Name' cannot be the name of a queue"),
        (("--lease", "100ms"), 2, "--lease is 1s to 10m"),
        (("--grace", "soon"), 2, "'soon' is not a duration such as"),
        (("--listen", "9464"), 2, "--listen needs HOST:PORT"),
        (("--hmac-key-file", "short"), 2, "each of at least 16 characters"),
    ],
)
def test_impossible_settings_are_refused(place: Workplace, arguments: tuple[str, ...], status: int, words: str) -> None:
    """What cannot work is said in one line, before anything begins."""
    place.project.file("short", "short\n")

    ended = place.project.command("worker", *arguments).wait()

    assert (ended.status, place.serving()) == (status, set()), ended
    assert words in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("words", [("worker",), ("workers",), ("queue", "show")])
def test_a_wrong_password_is_not_shown(
    project: Project, make_redis_server: Callable[..., RedisServer], words: tuple[str, ...]
) -> None:
    """Status 6, the cause in the words of Redis, and no password anywhere. R-15"""
    server = make_redis_server("--requirepass", "right").start()
    project.environment["FLOWRUN_REDIS_URL"] = f"redis://:wr0ng-passw0rd@127.0.0.1:{server.port}"

    ended = project.command(*words).wait()

    assert ended.status == 6
    assert "not let in: " in ended.err
    assert "wr0ng" not in ended.text


@pytest.mark.parametrize("package", ["redis", "hiredis", "prometheus_client"])
def test_a_missing_package_is_named_with_its_extra(place: Workplace, tmp_path: Path, package: str) -> None:
    """Without the extra `redis` one line says how to install it."""
    (tmp_path / f"{package}.py").write_text(f"raise ModuleNotFoundError('none', name={package!r})\n")
    place.project.environment["PYTHONPATH"] = f"{tmp_path}:{place.project.environment['PYTHONPATH']}"

    ended = place.project.command("worker").wait()

    assert ended.status == 2
    assert "this command needs the extra 'redis': pip install 'flowrun-jobs[redis]'" in ended.err
