"""Contests of remote work: flowrun's workers in Go and Python beside raw streams and other queues, on one server."""

from __future__ import annotations

import sys
from pathlib import Path

from ..contest import Claim, Contest, floor
from ..workspace import Workspace
from .peers import asynq, bullmq, python
from .program import Program
from .server import Server
from .services import dask_cluster
from .workers import ROOT, built_go_worker

_HOPS = 500
_KINDS = {"go": "Go", "thread": "Python", "process": "Python processes"}
"""Workers in Python are measured with threads, as most of the others have them, and with a process for each attempt."""


def queues(workspace: Workspace) -> Contest:
    """Attempts that do nothing: one after the other, handed in one by one, and all at once."""
    server, go_worker = _ready(workspace)
    directory = workspace.directory / "remote"
    raw = workspace.project.floor("streams", server.url(0), _HOPS)
    peers = [python.program(directory / name, name, server.url(n)) for n, name in enumerate(python.NAMES, start=2)]
    peers += [bullmq.program(server.url(10)), asynq.program(server.url(11))]
    ours = [_ours("rates", kind, server, go_worker) for kind in _KINDS]
    return Contest(
        parts=[floor("raw streams hop", raw), *(program.figures for program in (*ours, *peers))],
        claims=[
            Claim("hop, Go worker, against raw streams", "Go hop", "raw streams hop", at_most=3.5),
            Claim("hop, Python worker, against raw streams", "Python hop", "raw streams hop", at_most=5.0),
            Claim("hop, Python processes, against raw streams", "Python processes hop", "raw streams hop"),
            Claim("at once against one by one, Go", "Go one by one", "Go at once", at_least=2.0),
            Claim("at once against one by one, Python", "Python one by one", "Python at once", at_least=2.0),
            Claim("bare client, together against one by one, Go", "Go one by one", "Go together"),
            Claim("bare client, together against one by one, Python", "Python one by one", "Python together"),
            Claim("at once, Go, faster than BullMQ", "BullMQ at once", "Go at once", at_least=1.0),
            Claim("at once, Python, faster than BullMQ", "BullMQ at once", "Python at once", at_least=1.0),
            Claim("at once, Go, faster than Python", "Python at once", "Go at once", at_least=1.3),
            Claim("one by one, Go, faster than huey", "huey one by one", "Go one by one", at_least=0.8),
            Claim("one by one, Python, faster than huey", "huey one by one", "Python one by one", at_least=0.8),
            Claim("one by one, Python, faster than Celery", "Celery one by one", "Python one by one", at_least=3.0),
            Claim("at once, Python processes, faster than RQ", "RQ one by one", "Python processes at once"),
            Claim("at once, Python processes, faster than Celery", "Celery one by one", "Python processes at once"),
            *(
                Claim(f"one by one, {kind}, faster than {name}", f"{name} one by one", f"{kind} one by one")
                for name in ("RQ", "Dramatiq", "asynq", "BullMQ")
                for kind in ("Go", "Python")
            ),
            *(
                Claim(f"hop, {kind}, faster than {name}", f"{name} hop", f"{kind} hop")
                for name in ("Celery", "RQ", "Dramatiq", "huey", "asynq", "BullMQ")
                for kind in ("Go", "Python")
            ),
        ],
    )


def faults(workspace: Workspace) -> Contest:
    """How soon an attempt is taken over, ends when it is called back, and how fast its lines come."""
    server, go_worker = _ready(workspace)
    kinds = {kind: _KINDS[kind] for kind in ("go", "process")}
    measures = ("redelivery", "cancels", "lines")
    return Contest(
        parts=[_ours(measure, kind, server, go_worker).figures for measure in measures for kind in kinds],
        claims=[
            claim
            for name in kinds.values()
            for claim in (
                Claim(
                    f"start again after kill -9 of a worker with a lease of 1 s, {name}",
                    f"{name} redelivery",
                    at_most=1.9,
                ),
                Claim(f"cancel of a cooperative task, p99, {name}", f"{name} cancel", at_most=0.05),
                Claim(f"lines a second, {name}", f"{name} lines a second", at_least=100_000, unit="lines/s"),
            )
        ],
    )


def dask(workspace: Workspace) -> Contest:
    """Attempts that do nothing, beside a bare client of the same cluster, which has them called in threads."""
    address = dask_cluster(workspace.directory, 2)

    def program(kind: str) -> Program:
        argv = (sys.executable, "-m", "benchmarks.remote.dask", kind, address)
        return Program(kind, argv, workspace.directory, {"PYTHONPATH": str(ROOT)})

    return Contest(
        parts=[program(kind).figures for kind in ("bare", "thread", "process")],
        claims=[
            Claim("tasks a second against a bare client, threads", "bare at once", "thread at once", at_least=0.8),
            Claim("hop against a bare client, threads", "thread hop", "bare hop", at_most=1.3),
            Claim("tasks a second against a bare client, processes", "bare at once", "process at once", at_least=0.8),
            Claim("hop against a bare client, processes", "process hop", "bare hop", at_most=1.3),
        ],
    )


def _ours(measure: str, kind: str, server: Server, go_worker: Path) -> Program:
    argv = (sys.executable, "-m", "benchmarks.remote.ours", measure, kind, go_worker)
    environment = {"REDIS_URL": server.url(1), "PYTHONPATH": str(ROOT)}
    return Program(_KINDS[kind], argv, go_worker.parent, environment)


def _ready(workspace: Workspace) -> tuple[Server, Path]:
    directory = workspace.directory / "remote"
    return Server(directory / "redis"), built_go_worker(directory / "go")
