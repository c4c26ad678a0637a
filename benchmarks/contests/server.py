"""The server: how fast it answers with 10,000 runs stored, and what many who watch cost the run that they watch."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..contest import Claim, Contest, Figures
from ..crowd import Crowd
from ..jobfile import JobFile
from ..served import served
from ..workload import independent
from ..workspace import Workspace
from .history import past

_LISTS = {
    "the newest 50 runs": "/runs",
    "500 runs": "/runs?limit=500",
    "failed runs of a job": "/runs?job=job1&status=failed",
    "runs with a label": "/runs?label=number=5000",
    "all jobs": "/jobs",
    "one job": "/jobs/job1",
    "30 runs of a job, task by task": "/jobs/job1/grid",
    "trends of a job": "/jobs/job1/trends",
    "trends of a task": "/jobs/job1/trends?task=t3",
    "one run of 10 tasks": "/runs/00000001",
    "its tasks": "/runs/00000001/tasks",
    "one of its tasks": "/runs/00000001/task?task=t3",
    "what has changed": "/runs/00000001/changes",
    "the server": "/system",
}
_LARGE = ("/runs/ffffffff", "/runs/ffffffff/tasks")
_VIEWERS = 200


def lists(workspace: Workspace) -> Contest:
    """What the page asks for, with 10,000 runs stored, the first time that it asks."""
    root = past(workspace)
    return Contest(
        parts=[lambda: _asked(workspace, root)],
        claims=[
            *(Claim(f"10,000 runs, served: {name}", name, at_most=0.1) for name in _LISTS),
            Claim("10,000 runs, served: a run of 10,000 tasks and its tasks", "large", at_most=0.5),
            Claim("10,000 runs, served: a text that is nowhere", "search", at_most=0.5),
        ],
    )


def viewers(workspace: Workspace) -> Contest:
    """Jobs with 200 who watch them, and the same with a server that nobody asks.

    The second job has work for every processor: whoever watches takes some of it, on this machine.
    """
    parts, claims = [], []
    for kind, number, keys, slots, most, latest in (
        ("tasks of a second", 48, ("task: Nap", "parameters: {seconds: 1}"), 8, 1.02, 0.3),
        ("W2 processes", 500, ("task: Empty",), 2, None, None),
    ):
        name = f"watched-{kind.replace(' ', '-').lower()}"
        job = JobFile(name, independent(number), keys, {"max_concurrency": slots})
        parts += [_watched(workspace, job, kind), _alone(workspace, job, kind)]
        watched, alone = f"{kind}, watched", f"{kind}, alone"
        claims.append(Claim(f"{kind}: {_VIEWERS} who watch against none", watched, alone, at_most=most))
        claims.append(Claim(f"{kind}: the end of a task is told to {_VIEWERS}, p95", f"{kind}, late", at_most=latest))
    return Contest(parts=parts, claims=claims)


def _alone(workspace: Workspace, job: JobFile, kind: str) -> Callable[[], Figures]:
    def measure() -> Figures:
        with served(workspace.project):
            return {f"{kind}, alone": workspace.project.run(job).seconds()}

    return measure


def _watched(workspace: Workspace, job: JobFile, kind: str) -> Callable[[], Figures]:
    def measure() -> Figures:
        with served(workspace.project) as address:
            _get(address, "/jobs")  # the server has loaded what it needs
            begin = time.perf_counter()
            process = workspace.project.run(job).start()
            while not (found := _get(address, f"/runs?job={job.name}&status=running")["items"]):
                time.sleep(0.02)
            with Crowd(address, found[0]["id"], _VIEWERS) as crowd:
                process.wait()
                seconds = time.perf_counter() - begin
            late = crowd.late(_get(address, f"/runs/{found[0]['id']}/tasks")["items"])
            return {f"{kind}, watched": seconds, f"{kind}, late": late[int(len(late) * 0.95)]}

    return measure


def _asked(workspace: Workspace, root: Path) -> Figures:
    with served(workspace.project, "-C", str(root)) as address:
        _get(address, "/meta")
        found = {name: _seconds(address, path) for name, path in _LISTS.items()}
        found["large"] = sum(_seconds(address, path) for path in _LARGE)
        found["search"] = _seconds(address, "/search?q=nowhere-to-be-found")
        return found


def _seconds(address: str, path: str) -> float:
    begin = time.perf_counter()
    _get(address, path)
    return time.perf_counter() - begin


def _get(address: str, path: str) -> Any:
    connection = HTTPConnection(urlsplit(address).netloc)
    connection.request("GET", f"/api/v1{path}")
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    assert answer.status == 200, f"{path}: {answer.status} {data[:500]!r}"
    return json.loads(data)
