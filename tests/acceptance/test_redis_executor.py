"""The executor `redis`: a task is performed by a worker elsewhere as it would be here, and outlives what fails."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from ..papers import DOCS, ROOT, blocks_of
from ..project import Finished, Project, Started, eventually
from ..redis_server import RedisServer

SHORT_LEASE = "1s"
"""For what is about loss: it is taken over soon. A machine that is busy for a second loses healthy workers with it."""


class Far:
    """A project whose tasks are performed by workers that serve a queue of its own."""

    def __init__(self, project: Project, server: RedisServer, queue: str, lease: str = "15s") -> None:
        self.project = project
        self.server = server
        self.queue = queue
        self.lease = lease
        project.environment["FLOWRUN_REDIS_URL"] = server.url

    def worker(self, *arguments: str, environment: Mapping[str, str] = {}) -> Started:
        """Start a worker."""
        env = {**self.project.environment, **environment}
        before = self.project.environment
        self.project.environment = env
        try:
            ours = ("--queue", self.queue, "--slots", "4", "--lease", self.lease)
            return self.project.command("worker", *ours, *arguments)
        finally:
            self.project.environment = before

    def job(self, tasks: Mapping[str, Any], parameters: Mapping[str, Any] | None = None, **sections: Any) -> None:
        """Write a job whose tasks all go to the queue."""
        entries = {name: {"task": task} if isinstance(task, str) else task for name, task in tasks.items()}
        settings = {"queue": self.queue, "lease": self.lease, **(parameters or {})}
        self.project.job(
            {name: {"executor": "far", **entry} for name, entry in entries.items()},
            executors={"far": {"executor": "redis", "parameters": settings}},
            **sections,
        )

    def kept(self) -> list[str]:
        """What Redis keeps of the queue."""
        with self.server.client() as client:
            return sorted(client.scan_iter(f"*{{{self.queue}}}*"))

    def waiting(self) -> list[dict[str, str]]:
        """The attempts in the queue."""
        with self.server.client() as client:
            return [fields for _entry, fields in client.xrange(f"flowrun:{{{self.queue}}}:tasks")]


@pytest.fixture
def far(project: Project, shared_redis: RedisServer, request: pytest.FixtureRequest) -> Far:
    """Far away, on a server that all tests share."""
    return Far(project, shared_redis, re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:60])


@pytest.fixture
def short_lease(far: Far) -> None:
    """Workers are lost there."""
    far.lease = SHORT_LEASE


LOSES_WORKERS = pytest.mark.usefixtures("short_lease")


@pytest.fixture
def alone(project: Project, redis_server: RedisServer) -> Iterator[Far]:
    """Far away, on a server that the test may stop."""
    yield Far(project, redis_server, "alone", SHORT_LEASE)
    project.end_everything()  # before the server is gone


def notices(run: Started | Finished) -> str:
    """What was said to the person at the terminal, so far."""
    text = run.so_far() if isinstance(run, Started) else run.text
    return "\n".join(line for line in text.splitlines() if "Redis" in line or "worker" in line)


def test_a_task_elsewhere_has_what_a_task_here_has(far: Far) -> None:
    """Typed results, shared values, lines of each stream, hooks and their order are those of a local attempt. CF-44"""
    far.project.task_module("""
import datetime

@task
class Load(Traced):
    day: datetime.date

    def run(self):
        print("one", self.day)
        print("two", file=sys.stderr)
        self.logger.warning("careful")
        self.shared_dict["day"] = self.day
        self.shared_dict["gone"] = 1
        del self.shared_dict["gone"]
        return {"rows": 2**60, "day": self.day, "raw": b"\\x00\\xff", "odd": (1, 2.5, None)}

@task
class Use(Traced):
    what: dict
    day: datetime.date

    def run(self):
        assert self.what == {"rows": 2**60, "day": self.day, "raw": b"\\x00\\xff", "odd": (1, 2.5, None)}, self.what
        assert self.shared_dict["day"] == self.day and "gone" not in self.shared_dict
        return self.metadata.name
""")
    far.job(
        {
            "load": {"task": "Load", "parameters": {"day": "2026-01-02"}},
            "use": {
                "task": "Use",
                "parameters": {"what": "${{ tasks.load.result }}", "day": "${{ tasks.load.result['day'] }}"},
            },
        }
    )
    far.worker()

    finished = far.project.run()

    assert finished.states == {"load": "COMPLETED", "use": "COMPLETED"}, finished
    assert ("INFO", "one 2026-01-02") in far.project.log_lines("load")
    assert ("ERROR", "two") in far.project.log_lines("load")
    assert ("WARNING", "careful") in far.project.log_lines("load")
    assert far.project.hooks("use") == ["on_create", "on_success", "on_destroy"]


def test_failures_elsewhere_are_those_of_here(far: Far) -> None:
    """Place, type, traceback and number of attempts of a failure arrive; a task that fails for good is not repeated."""
    far.job({"fails": {"task": "Fails", "max_attempts": 2, "parameters": {"times": 9}}})
    far.worker()

    finished = far.project.run()

    outcome = finished.outcome("fails")
    assert finished.status == 1
    assert far.project.count("fails") == 2
    assert outcome["message"] == "ValueError: planned failure 2"
    assert outcome["error_types"][0] == "ValueError"
    assert outcome["place"][0].endswith("tasks/stock.py")
    assert "planned failure 2" in far.project.log("fails")


def test_a_timeout_is_counted_from_the_start(far: Far) -> None:
    """Waiting for a worker is no part of it; the worker ends the attempt, with its hooks."""
    far.job({"slow": {"task": "Step", "timeout": 0.5, "parameters": {"seconds": 60}}})
    started = far.project.start()
    eventually(far.waiting)

    far.worker()

    finished = started.wait()
    assert finished.reason("slow") == "timed out"
    assert finished.message("slow") == "took longer than 0.5 s"
    assert far.project.hooks("slow") == ["on_create", "start", "on_abort", "on_destroy"]


def test_an_abort_reaches_the_worker(far: Far) -> None:
    """INT ends running attempts with on_abort and on_destroy, and withdraws those that wait; nothing stays in Redis."""
    tasks = {name: {"task": "Step", "parameters": {"seconds": 60}} for name in "abcdef"}
    far.job(tasks)
    far.worker()
    started = far.project.start()
    eventually(lambda: len(far.project.marks(what="start")) == 4)

    started.signal(signal.SIGINT)

    finished = started.wait()
    assert finished.status == 130
    assert set(finished.states.values()) == {"ABORTED"}
    begun = {mark.label for mark in far.project.marks(what="start")}
    assert {mark.label for mark in far.project.marks(what="on_abort")} == begun
    assert far.waiting() == []


def test_a_task_without_an_answer_delays_no_other(far: Far) -> None:
    """Of ten tasks the first is not answered for: the others complete meanwhile, in whatever order. X-CF-04, CF-46"""
    far.job(
        {"t0": {"task": "Step", "parameters": {"waits_for": str(far.project.flag)}}}
        | {f"t{number}": "Step" for number in range(1, 10)}
    )
    far.worker()
    started = far.project.start()

    eventually(lambda: len(far.project.marks(what="on_destroy")) == 9)
    far.project.flag.touch()

    assert started.wait().status == 0


def test_nothing_stays_in_redis(far: Far) -> None:
    """After a run only what expires, and what belongs to the queue itself, is kept."""
    far.job({f"t{number}": "Step" for number in range(20)})
    worker = far.worker()
    assert far.project.run().status == 0
    worker.signal(signal.SIGTERM)
    assert worker.wait().status == 0

    kinds = {key.partition("}:")[2].partition(":")[0] for key in far.kept()}

    assert kinds <= {"tasks", "workers", "d", "ctl"}
    assert far.waiting() == []
    with far.server.client() as client:
        assert all(0 < client.pttl(key) <= 60_000 for key in far.kept() if "}:d:" in key)


def test_a_restart_adopts_what_is_under_way(far: Far) -> None:
    """After kill -9 of the runner, attempts that still run or have ended meanwhile are not begun again. R-02"""
    far.job(
        {
            "running": {"task": "Step", "parameters": {"waits_for": str(far.project.flag)}},
            "ended": {"task": "Step", "parameters": {"waits_for": str(far.project.aside / "first")}},
            "after": {"task": "Step", "dependencies": ["ended", "running"]},
        }
    )
    far.worker()
    started = far.project.start()
    far.project.wait_for_mark("running")
    far.project.wait_for_mark("ended")
    started.kill()
    (far.project.aside / "first").touch()
    far.project.wait_for_mark("ended", "on_destroy")

    again = far.project.start("-r")
    eventually(lambda: '"after"' in again.so_far())
    far.project.flag.touch()

    finished = again.wait()
    assert finished.states == {"running": "COMPLETED", "ended": "COMPLETED", "after": "COMPLETED"}, finished
    assert [far.project.count(name) for name in ("running", "ended", "after")] == [1, 1, 1]


def test_of_changes_at_the_same_time_the_last_wins(far: Far) -> None:
    """Attempts elsewhere see shared values as of their start; what they change arrives with their outcome, by key."""
    far.project.task_module("""
@task
class Share(Step):
    def run(self):
        self.shared_dict.setdefault("all", []).append(self.metadata.name)
        self.shared_dict[self.metadata.name] = True
        super().run()

@task
class Look(Traced):
    def run(self):
        return dict(self.shared_dict)
""")
    gates = {name: far.project.aside / name for name in ("east", "west")}
    share = {name: {"task": "Share", "parameters": {"waits_for": str(gate)}} for name, gate in gates.items()}
    far.job({**share, "look": {"task": "Look", "dependencies": list(share)}})
    far.worker()
    started = far.project.start()
    for name in gates:
        far.project.wait_for_mark(name)
    gates["west"].touch()
    eventually(lambda: '"to_state": "C"' in started.so_far())
    gates["east"].touch()

    finished = started.wait()

    assert json.loads(finished.outcome("look")["result"]) == {"all": ["east"], "east": True, "west": True}


def test_a_trace_goes_along(far: Far) -> None:
    """Whoever performs the attempt can say of which span it is a part."""
    far.project.environment["TRACEPARENT"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    far.job({"step": "Step"})
    started = far.project.start()

    [attempt] = eventually(far.waiting)

    assert attempt["tp"] == far.project.environment["TRACEPARENT"]
    started.signal(signal.SIGINT)
    assert started.wait().status == 130


def test_nobody_offers_the_task(far: Far) -> None:
    """After the stated time, of which is told, the task fails, and is not tried again: a failure, no hang. CF-45"""
    far.worker()
    other = {"worker_wait": "2s"}
    far.project.task_module("""
@task
class Known(Traced):
    def run(self):
        self.mark("start")
""")
    far.job({"first": "Known"})
    assert far.project.run().status == 0
    far.project.task_module("""
@task
class Later(Traced):
    def run(self):
        self.mark("start")
""")
    far.job({"later": {"task": "Later", "max_attempts": 3}}, {**other, "queue": f"{far.queue[:50]}-other"})

    finished = far.project.run()

    assert finished.reason("later") == "not started"
    assert "offers 'Later'; no worker is alive there; waited" in finished.message("later")
    assert "waiting up to 2.0s" in notices(finished)
    assert far.project.count("later") == 0


def test_what_a_worker_has_begun_it_ends(far: Far) -> None:
    """Its code has changed, and nobody offers the task any more: the attempt that is under way goes on."""
    far.project.task_module("""
@task
class Known(Step):
    pass
""")
    far.job(
        {
            "known": {"task": "Known", "parameters": {"waits_for": str(far.project.flag)}},
            "gate": {"task": "Step", "parameters": {"waits_for": str(far.project.aside / "gate")}},
            "longer": {"task": "Step", "parameters": {"seconds": 2}, "dependencies": ["gate"]},
        },
        {"worker_wait": "500ms"},
    )
    worker = far.worker()
    eventually(lambda: "serves queue" in worker.said_so_far())
    started = far.project.start()
    far.project.wait_for_mark("known")
    far.project.wait_for_mark("gate")
    far.project.task_module("")
    eventually(lambda: "files of the project have changed" in worker.said_so_far())

    (far.project.aside / "gate").touch()
    far.project.wait_for_mark("longer", "end")
    far.project.flag.touch()

    finished = started.wait()
    assert finished.states == {"known": "COMPLETED", "gate": "COMPLETED", "longer": "COMPLETED"}, finished


def test_redis_forgets_everything(alone: Far) -> None:
    """It is restarted empty while one attempt runs and others wait: they are submitted again. R-03, CF-80"""
    alone.project.task_module("""
@task
class Big(Traced):
    text: str
    waits_for: str

    def run(self):
        while not os.path.exists(self.waits_for):
            time.sleep(0.01)
        return len(self.text)
""")
    big = {"text": "x" * 1_500_000, "waits_for": str(alone.project.flag)}
    alone.job(
        {"first": {"task": "Step", "parameters": {"waits_for": str(alone.project.flag)}}}
        | {f"big{number}": {"task": "Big", "parameters": big} for number in range(3)}
        | {f"t{number}": {"task": "Step", "parameters": {"seconds": 0.1}} for number in range(12)}
    )
    alone.worker()
    started = alone.project.start()
    alone.project.wait_for_mark("first")

    alone.server.restart()
    alone.project.flag.touch()

    finished = started.wait()
    assert finished.status == 0, finished
    assert set(finished.states.values()) == {"COMPLETED"}


def test_redis_is_away(alone: Far) -> None:
    """A run that begins without Redis says so, waits, and goes on when it is there."""
    alone.server.stop()
    alone.job({"step": "Step"})
    started = alone.project.start()
    eventually(lambda: "is away, waiting up to 10m 00s" in notices(started))

    alone.server.start()
    alone.worker()

    finished = started.wait()
    assert finished.status == 0, finished
    assert "Redis is back after" in notices(finished)


def test_redis_stays_away(alone: Far) -> None:
    """After the stated time the run ends with status 6 and can be continued; nothing that completed is repeated."""
    alone.job(
        {"done": "Step", "left": {"task": "Step", "dependencies": ["done"], "parameters": {"waits_for": "flag"}}},
        {"give_up_after": "1s"},
        config={"grace_seconds": 1},
    )
    worker = alone.worker()
    started = alone.project.start()
    alone.project.wait_for_mark("left")
    alone.server.kill()
    finished = started.wait()
    assert finished.status == 6, finished
    assert f"Redis at redis://127.0.0.1:{alone.server.port}/0 was away for" in finished.text
    worker.kill()

    alone.server.start()
    alone.project.file("flag")
    alone.worker()

    assert alone.project.run("-r").states == {"done": "COMPLETED", "left": "COMPLETED"}
    assert alone.project.count("done") == 1


def test_a_run_that_was_given_up_finds_what_goes_on(alone: Far) -> None:
    """Redis comes back with what it had: the attempts that outlived the run are adopted, and not begun again."""
    alone.server.keep(aof=True)
    alone.server.restart()
    alone.job(
        {"step": {"task": "Step", "parameters": {"waits_for": str(alone.project.flag)}}},
        {"give_up_after": "1s", "lease": "2m"},
        config={"grace_seconds": 1},
    )
    alone.worker("--lease", "2m")
    started = alone.project.start()
    alone.project.wait_for_mark("step")
    alone.server.kill()
    assert started.wait().status == 6

    alone.server.start()
    alone.project.flag.touch()
    finished = alone.project.run("-r")

    assert finished.states == {"step": "COMPLETED"}, finished
    assert finished.task("step")["attempts"] == 1
    assert alone.project.count("step") == 1


def test_at_most_once_is_adopted(far: Far) -> None:
    """After kill -9 of the runner, what may not begin twice is waited for while something of it is there."""
    once = {"task": "Step", "at_most_once": True, "parameters": {"waits_for": str(far.project.flag)}}
    far.job({"step": once})
    far.worker()
    started = far.project.start()
    far.project.wait_for_mark("step")
    started.kill()

    again = far.project.start("-r")
    far.project.flag.touch()

    assert again.wait().states == {"step": "COMPLETED"}
    assert far.project.count("step") == 1


@LOSES_WORKERS
def test_at_most_once_is_lost_when_nothing_is_left(far: Far) -> None:
    """It is not begun again as long as nobody asks for it, however often the run is continued."""
    once = {"task": "Step", "at_most_once": True, "parameters": {"waits_for": "never"}}
    far.job({"step": once})
    worker = far.worker()
    started = far.project.start()
    far.project.wait_for_mark("step")
    started.kill()
    worker.kill()
    with far.server.client() as client:
        client.delete(*far.kept())
    far.worker()

    for _ in range(2):
        finished = far.project.run("-r")
        assert finished.reason("step") == "lost", finished
        assert "nothing is left of it in Redis" in finished.message("step")
    assert far.project.count("step") == 1


@LOSES_WORKERS
def test_a_worker_is_lost(far: Far) -> None:
    """kill -9 of a worker: after a lease another performs the attempt; max_attempts is not touched. R-01, X-CF-03"""
    far.job({"step": {"task": "Step", "parameters": {"waits_for": str(far.project.flag)}}})
    worker = far.worker()
    started = far.project.start()
    far.project.wait_for_mark("step")

    worker.kill()
    far.worker()
    far.project.wait_for_mark("step", count=2)
    far.project.flag.touch()

    finished = started.wait()
    assert finished.states == {"step": "COMPLETED"}
    assert finished.task("step")["attempts"] == 1
    assert "was lost; begun again by" in far.project.log("step")


@LOSES_WORKERS
def test_at_most_once(far: Far) -> None:
    """A task that may not begin twice is not handed to a second worker when the first is lost: it fails."""
    far.job({"step": {"task": "Step", "at_most_once": True, "parameters": {"waits_for": str(far.project.flag)}}})
    worker = far.worker()
    started = far.project.start()
    far.project.wait_for_mark("step")

    worker.kill()
    far.worker()

    finished = started.wait()
    assert finished.reason("step") == "lost"
    assert far.project.count("step") == 1


@LOSES_WORKERS
def test_the_last_worker_is_lost(far: Far) -> None:
    """When nobody is left who could go on with an attempt, that is said, and it fails after the stated time."""
    far.job({"step": {"task": "Step", "parameters": {"waits_for": "flag"}}}, {"worker_wait": "2s"})
    worker = far.worker()
    started = far.project.start()
    far.project.wait_for_mark("step")

    worker.kill()

    finished = started.wait()
    assert finished.reason("step") == "lost"
    assert "no worker is alive there; waited" in finished.message("step")


@LOSES_WORKERS
def test_poison(far: Far) -> None:
    """A task with which every worker is lost fails after max_deliveries and lies among the dead letters. R-04"""
    far.project.task_module("""
import signal

@task
class Poison(Traced):
    def run(self):
        self.mark("start")
        os.kill(int(os.environ["WORKER"]), signal.SIGKILL)
        time.sleep(60)
""")
    far.job({"poison": {"task": "Poison", "max_attempts": 3}, "good": "Step"}, {"max_deliveries": 2})
    started = far.project.start()
    for number in (1, 2):
        _worker_that_can_be_killed(far)
        far.project.wait_for_mark("poison", count=number)
    far.worker()

    finished = started.wait()

    assert finished.states == {"poison": "FAILED", "good": "COMPLETED"}, finished
    assert finished.reason("poison") == "lost"
    assert "poison" in finished.message("poison")
    assert far.project.count("poison") == 2
    with far.server.client() as client:
        [(_entry, dead)] = client.xrange(f"flowrun:{{{far.queue}}}:dead")
    assert dead["h"] == "Poison"


@LOSES_WORKERS
def test_lost_workers_may_count_as_a_try(far: Far) -> None:
    """With `on_lost: retry`, an attempt with which `max_deliveries` workers were lost is followed by the next one."""
    far.project.task_module("""
import signal

@task
class Poison(Traced):
    def run(self):
        self.mark("start")
        if self.metadata.attempt == 1:
            os.kill(int(os.environ["WORKER"]), signal.SIGKILL)
            time.sleep(60)
""")
    far.job({"poison": {"task": "Poison", "max_attempts": 2}}, {"max_deliveries": 1, "on_lost": "retry"})
    started = far.project.start()
    _worker_that_can_be_killed(far)
    far.project.wait_for_mark("poison", count=1)
    far.worker()

    finished = started.wait()

    assert finished.states == {"poison": "COMPLETED"}, finished
    assert far.project.count("poison") == 2


def _worker_that_can_be_killed(far: Far) -> Started:
    """A worker whose tasks find its process in their environment."""
    script = (
        "import os, sys; os.environ['WORKER'] = str(os.getpid()); "
        "os.execv(sys.executable, [sys.executable, '-m', 'flowrun', *sys.argv[1:]])"
    )
    return far.project.python("-c", script, "worker", "--queue", far.queue, "--slots", "1", "--lease", far.lease)


def test_secrets_do_not_travel(far: Far) -> None:
    """A secret is sent by name, and the worker takes it from its own environment; as a parameter it is refused."""
    far.project.task_module("""
@task
class Login(Traced):
    password: str = ""

    def run(self):
        return len(os.environ["TOKEN"])
""")
    far.project.environment["TOKEN"] = "hunter2-of-the-runner"
    far.job({"by_name": {"task": "Login", "secrets": ["TOKEN"], "env": {"PLAIN": "open"}}})
    started = far.project.start()
    [waiting] = eventually(far.waiting)
    assert "hunter2" not in json.dumps(waiting)
    assert "open" in waiting["b"]
    far.worker(environment={"TOKEN": "of-the-worker"})
    finished = started.wait()
    assert finished.states == {"by_name": "COMPLETED"}, finished

    far.job(
        {"by_value": {"task": "Login", "secrets": ["TOKEN"], "parameters": {"password": "${{ secrets.TOKEN }}"}}},
    )
    finished = far.project.run()
    assert finished.reason("by_value") == "not started"
    assert "'password' has a secret, and secrets do not leave this machine" in finished.message("by_value")


def test_large_values(far: Far) -> None:
    """Parameters and results that are too large for a message go beside it, and files of the project with them."""
    far.project.task_module("""
@task
class Make(Traced):
    def run(self):
        return {"text": "x" * 3_000_000, "raw": bytes(2_000_000)}

@task
class Take(Traced):
    what: dict

    def run(self):
        return len(self.what["text"]) + len(self.what["raw"])

@task
class Check(Traced):
    size: int

    def run(self):
        assert self.size == 5_000_000
""")
    far.job(
        {
            "make": "Make",
            "take": {"task": "Take", "parameters": {"what": "${{ tasks.make.result }}"}},
            "check": {"task": "Check", "parameters": {"size": "${{ tasks.take.result }}"}},
        }
    )
    far.worker()

    finished = far.project.run()

    assert finished.status == 0, finished


@pytest.mark.parametrize("what", ["password", "policy", "rights"])
def test_redis_that_does_not_do(project: Project, make_redis_server: Callable[..., RedisServer], what: str) -> None:
    """A wrong password, an evicting memory policy and missing rights end the run at once, with the cause. R-13, R-15"""
    options = {
        "password": ("--requirepass", "right"),
        "policy": ("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"),
        "rights": (),
    }[what]
    server = make_redis_server(*options).start()
    login = {"password": ":wr0ng-one@", "policy": "", "rights": "little:s3cret@"}[what]
    if what == "rights":
        with server.client() as client:
            client.execute_command(
                "ACL", "SETUSER", "little", "on", ">s3cret", "~*", "+ping", "+client|setname", "+info"
            )
    project.environment["FLOWRUN_REDIS_URL"] = server.url.replace("//", f"//{login}")
    project.job({"a": {"task": "Step", "executor": "far"}}, executors={"far": {"executor": "redis"}})

    finished = project.run()

    cause = {
        "password": "invalid username-password pair",
        "policy": "maxmemory-policy is 'allkeys-lru', and must be 'noeviction'",
        "rights": "NOPERM",
    }[what]
    assert finished.status == 6, finished
    assert cause in finished.text
    assert "wr0ng" not in finished.text
    assert "s3cret" not in finished.text


@pytest.mark.parametrize("missing", ["tls_ca", "hmac_key_file"])
def test_missing_files_are_named(project: Project, missing: str) -> None:
    """A file for TLS or signatures that is not there ends the run before anything starts."""
    settings = {"url": "rediss://localhost:1", missing: "keys/none"}
    executors = {"far": {"executor": "redis", "parameters": settings}}
    project.job({"a": {"task": "Step", "executor": "far"}}, executors=executors)

    finished = project.run()

    assert finished.status == 3, finished
    assert str(project.root / "keys" / "none") in finished.text


def test_signed_tasks(far: Far) -> None:
    """A worker with keys takes what a run with one of them has signed, and nothing else."""
    far.project.file("keys", "# the first one signs\n0123456789abcdef-new\n0123456789abcdef-old\n")
    far.project.file("old-keys", "0123456789abcdef-old\n")
    far.project.file("other-keys", "0123456789abcdef-other\n")
    far.worker("--hmac-key-file", "keys")

    for keys, status in (("keys", 0), ("old-keys", 0), ("other-keys", 1), (None, 1)):
        far.job({"step": "Step"}, {"hmac_key_file": keys} if keys else None)
        finished = far.project.run()
        assert finished.status == status, finished

    assert finished.reason("step") == "not started"
    assert far.project.count("step") == 2


def test_wrong_settings_are_refused(project: Project) -> None:
    """An open connection to another host, a queue with a wrong name: shown at their places, without the password."""
    settings = {"url": "redis://:hidden-one@example.org:6379/0"}
    project.job(
        {"a": {"task": "Step", "executor": "far"}}, executors={"far": {"executor": "redis", "parameters": settings}}
    )
    finished = project.run("--output", "lines")
    assert finished.status == 3
    assert "the connection to example.org would not be encrypted" in finished.text
    assert "hidden-one" not in finished.text


@LOSES_WORKERS
def test_users_with_the_documented_rights(far: Far, make_redis_server: Callable[..., RedisServer]) -> None:
    """The two users of the reference are enough for a worker and a run, with aborts and a lost worker."""
    page = (DOCS / "reference" / "redis.md").read_text()
    server = far.server = make_redis_server().start()
    with server.client() as client:
        for line in re.findall(r"^ACL .+$", page, re.MULTILINE):
            client.execute_command(*line.replace("PASSWORD", "secret").split())
        client.execute_command("ACL", "SETUSER", "default", "off")
    with server.client(username="flowrun-worker", password="secret") as client:
        assert client.ping()
    url = server.url.replace("//", "//flowrun-runner:secret@")
    worker_url = {"FLOWRUN_REDIS_URL": server.url.replace("//", "//flowrun-worker:secret@")}
    far.project.environment["FLOWRUN_REDIS_URL"] = url
    far.job(
        {
            "lost": {"task": "Step", "parameters": {"waits_for": str(far.project.flag)}},
            "slow": {"task": "Step", "parameters": {"seconds": 60}, "timeout": 1},
            "step": "Step",
        }
    )
    lost = far.worker(environment=worker_url)
    started = far.project.start()
    for name in ("lost", "slow", "step"):
        far.project.wait_for_mark(name)
    lost.kill()
    worker = far.worker(environment=worker_url)
    far.project.wait_for_mark("lost", count=2)
    far.project.flag.touch()

    finished = started.wait()

    assert finished.states == {"lost": "COMPLETED", "slow": "FAILED", "step": "COMPLETED"}, finished
    assert finished.reason("slow") == "timed out"
    worker.signal(signal.SIGTERM)
    assert worker.wait().status == 0
    with server.client(username="flowrun-runner", password="secret") as client:
        assert not list(client.xrange(f"flowrun:{{{far.queue}}}:tasks"))


def test_the_smallest_worker(far: Far) -> None:
    """The worker that the protocol shows, without a line of flowrun, serves a task without a class here. CF-78"""
    [block] = [it for it in blocks_of(DOCS / "protocol.md") if it.file]
    far.project.file("smallest_worker.py", block.text)
    far.project.python("smallest_worker.py", far.queue, str(ROOT / "flowrun" / "frq" / "lua"))
    far.project.task_module("""
@task
def check(total: float) -> None:
    assert total == 42, total
""")
    eventually(lambda: any(":worker:" in key for key in far.kept()))
    tasks = {"add": {"task": "add", "parameters": {"a": 40, "b": 2}}}
    far.job(
        {**tasks, "check": {"task": "check", "executor": "thread", "parameters": {"total": "${{ tasks.add.result }}"}}}
    )

    finished = far.project.run()

    assert finished.states == {"add": "COMPLETED", "check": "COMPLETED"}, finished
