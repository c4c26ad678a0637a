"""The exam of access: users with few rights, TLS, Sentinel and a cluster, for workers in both languages and runs."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest

from ..papers import DOCS
from ..project import eventually
from ..redis_server import RedisServer
from .conftest import MakeFleet
from .frq.certificates import Authority, Signed
from .frq.fleet import GO, PYTHON, SHORT_LEASE, Fleet, marks, of
from .frq.runner import Runner, values_of
from .frq.runner import eventually as eventually_meanwhile
from .frq.scheduler import Scheduler
from .frq.topology import Cluster, Watched

EACH = pytest.mark.parametrize("kinds", [PYTHON, GO])


def listed(name: str) -> list[str]:
    """What a user may do, as the reference says it."""
    text = (DOCS / "reference" / "redis.md").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith(f"ACL SETUSER flowrun-{name} on >PASSWORD "))
    return line.partition(">PASSWORD ")[2].split()


def user(server: RedisServer, name: str, rights: list[str]) -> str:
    """Make a user with these rights; gives the URL for it."""
    with server.client() as admin:
        admin.execute_command("ACL", "SETUSER", name, "reset", "on", f">secret of {name}", *rights)
    return f"redis://{name}:secret%20of%20{name}@127.0.0.1:{server.port}/0"


async def life(runner: Runner, path: Path) -> None:
    """A bit of everything that a run asks of workers."""
    many = runner.start_many(20, "exam.sleep", {"seconds": 0.05})
    assert values_of(await asyncio.gather(*many)) == [0.05] * 20
    assert (await runner.run("exam.big", {"bytes": 2_000_000})).is_completed
    assert (await runner.run("exam.log", {"lines": 100, "width": 20})).is_completed
    assert (await runner.run("exam.fail", {"message": "planned"})).is_failed
    attempt = runner.attempt("exam.sleep", {"seconds": 600, "mark": str(path)})
    running = runner.start(attempt)
    await eventually_meanwhile(lambda: marks(path))
    await runner.executor.abort(attempt)
    assert (await running).is_aborted


def both_serve(fleet: Fleet) -> bool:
    """The workers of a mixed fleet are there."""
    return len(fleet.workers) == 2 and not any(worker.is_over for worker in fleet.workers)


def test_users_need_no_more_rights_than_the_reference_says(
    make_fleet: MakeFleet, own_redis: RedisServer, tmp_path: Path
) -> None:
    """Workers and runs do all their work, dead letters and draining too, as users with the listed commands."""
    path = tmp_path / "marks"
    runner_url = user(own_redis, "runner", listed("runner"))
    fleet = make_fleet("mixed", own_redis, url=user(own_redis, "worker", listed("worker")))
    fleet.start(2, slots=2)

    async def main() -> None:
        async with Runner(runner_url, fleet.keys, lease=SHORT_LEASE) as runner:
            await life(runner, path)
            waiting = runner.start(runner.attempt("exam.sleep", {"seconds": 600}))
            await eventually_meanwhile(lambda: "cmdstat_xinfo|stream" in fleet.redis.info("commandstats"))
            waiting.cancel()

    asyncio.run(main())
    assert both_serve(fleet)
    admin = Scheduler(fleet.redis, fleet.keys)
    admin.forge({b"nonsense": b"1"})
    eventually(lambda: fleet.redis.xlen(fleet.keys.dead) == 1)
    late = admin.submit("exam.sleep", {"seconds": 600, "mark": str(path)}, max_deliveries=1)
    eventually(lambda: len(list(of(path, "start"))) == 2)
    for worker in fleet.workers:
        worker.terminate()
    assert [worker.wait() for worker in fleet.workers] == [0, 0], fleet.said()
    assert late not in admin.results
    with own_redis.client() as redis:
        refused = [(entry["username"], entry["object"]) for entry in redis.acl_log() if entry["reason"] != "auth"]
        assert not refused


@EACH
def test_a_worker_without_a_right_that_it_needs_says_which(
    make_fleet: MakeFleet, own_redis: RedisServer, kinds: str
) -> None:
    """It ends with status 6 and the cause, and does not show the password. R-15"""
    url = user(own_redis, "worker", [right for right in listed("worker") if right != "+xautoclaim"])
    fleet = make_fleet(kinds, own_redis, url=url)

    with contextlib.suppress(AssertionError):  # it may be ready before it finds out
        fleet.start()

    (worker,) = fleet.workers
    assert worker.wait() == 6, fleet.said()
    assert "XAUTOCLAIM" in fleet.said() or "xautoclaim" in fleet.said()
    assert "secret" not in fleet.said()


@EACH
def test_a_worker_with_a_wrong_password_says_so(make_fleet: MakeFleet, own_redis: RedisServer, kinds: str) -> None:
    """It ends with status 6 and the cause, and does not show the password. R-15"""
    user(own_redis, "worker", listed("worker"))
    fleet = make_fleet(kinds, own_redis, url=f"redis://worker:not-the-one@127.0.0.1:{own_redis.port}/0")

    with pytest.raises(AssertionError):
        fleet.start()

    (worker,) = fleet.workers
    assert worker.wait() == 6, fleet.said()
    assert "WRONGPASS" in fleet.said() or "invalid username-password" in fleet.said()
    assert "not-the-one" not in fleet.said()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "certificates")


def client_options(authority: Authority, mine: Signed) -> dict[str, Any]:
    """How the exam itself gets in."""
    return {
        "ssl": True,
        "ssl_ca_certs": str(authority.cert),
        "ssl_certfile": str(mine.cert),
        "ssl_keyfile": str(mine.key),
    }


@pytest.fixture
def tls_server(authority: Authority) -> Any:
    """A server that speaks TLS only, and asks who comes for a certificate."""
    signed = authority.signed("server")
    server = RedisServer("--tls-cert-file", str(signed.cert), "--tls-key-file", str(signed.key))
    files = ("--tls-ca-cert-file", str(authority.cert), "--tls-auth-clients", "yes")
    server.start(*files, "--port", "0", "--tls-port", str(server.port))
    yield server
    server.remove()


def test_both_sides_show_certificates(
    make_fleet: MakeFleet, tls_server: RedisServer, authority: Authority, tmp_path: Path
) -> None:
    """The connection is encrypted, the server's certificate is checked, and the server knows who comes."""
    mine = authority.signed("client")
    files = {"tls_ca": authority.cert, "tls_cert": mine.cert, "tls_key": mine.key}
    look = client_options(authority, mine)
    url = f"rediss://127.0.0.1:{tls_server.port}/0"
    fleet = make_fleet("mixed", tls_server, url=url, **look)
    fleet.start(2, slots=2, **files)

    async def main() -> None:
        async with Runner(url, fleet.keys, **files) as runner:
            await life(runner, tmp_path / "marks")

    asyncio.run(main())
    assert both_serve(fleet)


@EACH
def test_a_worker_does_not_talk_to_a_server_that_nobody_vouches_for(
    make_fleet: MakeFleet, tls_server: RedisServer, authority: Authority, kinds: str, tmp_path: Path
) -> None:
    """Its certificate was signed by somebody else. R-15"""
    mine, other = authority.signed("client"), Authority(tmp_path / "others", "somebody else")
    look = client_options(authority, mine)
    fleet = make_fleet(kinds, tls_server, url=f"rediss://127.0.0.1:{tls_server.port}/0", **look)

    with pytest.raises(AssertionError):
        fleet.start(tls_ca=other.cert, tls_cert=mine.cert, tls_key=mine.key)

    (worker,) = fleet.workers
    assert worker.wait() == 6, fleet.said()
    assert "certificate" in fleet.said().lower()


@EACH
def test_a_worker_says_that_the_port_speaks_tls(
    make_fleet: MakeFleet, tls_server: RedisServer, authority: Authority, kinds: str
) -> None:
    """A URL without TLS on a port with TLS is told of, and not tried for ever in silence. R-15"""
    mine = authority.signed("client")
    look = client_options(authority, mine)
    fleet = make_fleet(kinds, tls_server, url=f"redis://127.0.0.1:{tls_server.port}/0", **look)

    worker = fleet.launch()

    eventually(lambda: "TLS" in fleet.said() and "rediss://" in fleet.said())
    worker.terminate()


@EACH
def test_an_open_connection_to_another_host_must_be_allowed(
    make_fleet: MakeFleet, own_redis: RedisServer, kinds: str
) -> None:
    """Without TLS only this machine is spoken to, unless somebody says that it may be."""
    fleet = make_fleet(kinds, own_redis, url="redis://192.0.2.1:6379/0")

    with pytest.raises(AssertionError):
        fleet.start()

    assert fleet.workers[0].wait() == 2, fleet.said()
    assert "insecure" in fleet.said()


@pytest.mark.parametrize("is_stale", [False, True], ids=["in step", "two seconds behind"])
def test_a_run_goes_on_after_a_failover(make_fleet: MakeFleet, is_stale: bool, tmp_path: Path) -> None:
    """Sentinel makes the replica the master; what it had not heard of is handed in again. R-10"""
    with Watched() as watched:
        fleet = make_fleet("mixed", watched.replica, url=watched.url, lease=SHORT_LEASE)
        with watched.master.client(decode_responses=False) as master:
            fleet.redis, of_replica = master, fleet.redis
            fleet.start(2, slots=2)
            fleet.redis = of_replica

        async def main() -> None:
            async with Runner(watched.url, fleet.keys, lease=SHORT_LEASE) as runner:
                first = runner.start_many(12, "exam.sleep", {"seconds": 0.1})
                await eventually_meanwhile(lambda: sum(task.done() for task in first) > 2)
                if is_stale:
                    watched.replica.signal(19)
                more = runner.start_many(12, "exam.sleep", {"seconds": 0.1})
                await eventually_meanwhile(lambda: sum(task.done() for task in more) > 2)
                watched.master.kill()
                watched.replica.signal(18)
                assert values_of(await asyncio.gather(*first, *more)) == [0.1] * 24

        asyncio.run(main())
        assert both_serve(fleet)
        fleet.end()


def test_a_queue_lives_in_one_slot_of_a_cluster(make_fleet: MakeFleet, tmp_path: Path) -> None:
    """Workers and runs find the node of the queue, and all operations stay on it."""
    with Cluster() as cluster:
        node = cluster.node_of("flowrun:{exam-in-a-cluster}:tasks")
        fleet = make_fleet("mixed", node, url=cluster.url, queue="exam-in-a-cluster")
        fleet.start(2, slots=2)

        async def main() -> None:
            async with Runner(cluster.url, fleet.keys) as runner:
                await life(runner, tmp_path / "marks")

        asyncio.run(main())
        assert both_serve(fleet)
        fleet.end()
