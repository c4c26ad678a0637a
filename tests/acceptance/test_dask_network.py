"""`executor: dask` over a network: TLS, workers on other addresses, a worker that is cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.frq.certificates import Authority
from tests.dask_cluster import DaskCluster
from tests.network import Network, network
from tests.project import Project, eventually


@pytest.fixture
def wires() -> Iterator[Network]:
    """Machines of a test's own."""
    with network() as made:
        yield made


@pytest.fixture
def authority(project: Project) -> Authority:
    """Signs certificates, below the project."""
    return Authority(project.root / "certs")


def far(project: Project, task: str, **more: Any) -> dict[str, Any]:
    """A task for the executor `far`."""
    return {"task": task, "executor": "far", "env": {"MARKS": project.environment["MARKS"]}, **more}


def tls(authority: Authority, name: str) -> dict[str, str]:
    """The setting `tls`, with paths that begin at the project root."""
    signed = authority.signed(name)
    files = {"ca": authority.cert, "cert": signed.cert, "key": signed.key}
    return {what: str(Path("certs", file.name)) for what, file in files.items()}


def options(authority: Authority, name: str) -> list[str]:
    """The same for the processes of a cluster."""
    signed = authority.signed(name)
    return ["--tls-ca-file", str(authority.cert), "--tls-cert", str(signed.cert), "--tls-key", str(signed.key)]


def test_tls_in_both_directions(project: Project, authority: Authority) -> None:
    """Who has no certificate of the cluster's authority does not get in."""
    cluster = DaskCluster(protocol="tls")
    cluster.options = options(authority, "cluster")
    stranger = Authority(project.root / "certs", "strangers")
    try:
        cluster.start_scheduler()
        cluster.start_worker("w0")
        ours = {"address": cluster.address, "tls": tls(authority, "ours")}
        project.job({"one": far(project, "Step")}, executors={"far": {"executor": "dask", "parameters": ours}})
        done = project.run()
        theirs = {"address": cluster.address, "tls": tls(stranger, "theirs"), "reconnect_timeout": 1}
        project.job({"two": far(project, "Step")}, executors={"far": {"executor": "dask", "parameters": theirs}})
        refused = project.run()
    finally:
        cluster.close()

    assert done.status == 0, done
    assert refused.status == 6
    assert f"no Dask scheduler answers at {cluster.address}" in refused.text
    assert (project.count("one"), project.count("two")) == (1, 0)


def test_a_worker_that_is_cut_off_is_replaced_and_its_attempt_has_no_say(
    project: Project, authority: Authority, wires: Network
) -> None:
    """Scheduler and workers on machines of their own: one outcome. What is cut off ends by itself."""
    scheduler, near, distant = wires.machine(), wires.machine(), wires.machine()
    cluster = DaskCluster(host=scheduler.address, protocol="tls")
    cluster.options = options(authority, "cluster")
    cluster.environment["DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL"] = "1s"
    cluster.environment["DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP"] = "11s"
    try:
        cluster.start_scheduler(scheduler.command([]))
        cluster.start_worker("near", "--host", near.address, prefix=near.command([]))
        parameters = {"address": cluster.address, "tls": tls(authority, "ours")}
        project.job(
            {"long": far(project, "Step", parameters={"waits_for": str(project.flag)})},
            executors={"far": {"executor": "dask", "parameters": parameters}},
        )
        run = project.start()
        first = project.wait_for_mark("long")
        cluster.start_worker("distant", "--host", distant.address, prefix=distant.command([]))
        near.cut()
        second = project.wait_for_mark("long", count=2)
        eventually(lambda: first.pid not in project.alive())
        project.flag.touch()
        done = run.wait()
    finally:
        cluster.close()

    assert done.status == 0, done
    assert first.pid != second.pid
    assert [mark.pid for mark in project.marks("long", "end")] == [second.pid]
    assert f"begins again on tls://{distant.address}:" in project.log("long")
