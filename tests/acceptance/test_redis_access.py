"""The executor `redis`: who may do and see what, and servers and settings that do not do."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable

import pytest

from ..papers import DOCS
from ..project import Project, eventually
from ..redis_server import RedisServer
from .far import LOSES_WORKERS, Far


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
