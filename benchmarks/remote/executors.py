"""Executors: the same two jobs, Fibonacci numbers and checksums of file trees, with each executor."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from redis import Redis

from ..command import Command
from ..contest import Claim, Contest, beyond, wall
from ..workspace import Workspace
from .server import Server
from .services import dask_cluster, service
from .workers import ROOT, wait_for_worker

_PROJECT = Path(__file__).parent / "project"
_NUMBERS, _PLACE = 16, 31
_TREES, _FILES, _FILE_BYTES = 8, 16, 4 << 20
_SLOTS = 2
_EXECUTORS = {
    "process": "process",
    "thread": "thread",
    "redis, Go": "{executor: redis, parameters: {queue: go}}",
    "redis, Python": "{executor: redis, parameters: {queue: py}}",
    "dask": "{executor: dask, parameters: {address: ADDRESS}}",
}

_JOB = """
config: {{name: {name}}}
executors:
  elsewhere: {executor}
tasks:
  work:
    task: {task}
    executor: elsewhere
    foreach: {items}
    parameters: {{{parameter}: "${{{{ item }}}}"}}
"""


def executors(workspace: Workspace) -> Contest:
    """From the start of a run to its end, without the time of a run that has next to nothing to do."""
    directory = workspace.directory / "executors"
    shutil.copytree(_PROJECT, directory)
    environment = {"PYTHONPATH": str(ROOT), **_services(workspace.directory / "services", directory)}
    trees = _trees(directory / "trees")
    parts, claims = [], []
    for name, executor in _EXECUTORS.items():
        shown = executor.replace("ADDRESS", environment["DASK"])

        def run(job: str, task: str, items: list[object], name: str = name, shown: str = shown) -> Command:
            return _run(directory, environment, f"{job}-{name.replace(', ', '-')}", shown, task, items)

        nothing = run("nothing", "fibonacci", [1])
        numbers = run("fibonacci", "fibonacci", [_PLACE] * _NUMBERS)
        checksums = run("checksums", "checksum", [str(tree) for tree in trees])
        parts += [
            wall(f"{name} nothing", nothing),
            beyond(f"{name} Fibonacci", numbers, nothing),
            beyond(f"{name} checksums", checksums, nothing),
        ]
        for what in ("nothing", "Fibonacci", "checksums"):
            claims.append(Claim(f"{what}, {name}", f"{name} {what}"))
    return Contest(parts, claims)


def _run(
    directory: Path, environment: Mapping[str, str], name: str, executor: str, task: str, items: list[object]
) -> Command:
    path = directory / f"{name}.yaml"
    whole = executor if executor.startswith("{") else f"{{executor: {executor}}}"
    parameter = "n" if task == "fibonacci" else "path"
    path.write_text(_JOB.format(name=name, executor=whole, task=task, items=items, parameter=parameter))
    argv = (sys.executable, "-m", "flowrun", "run", "-j", path, "--max-concurrency", str(_SLOTS))
    return Command(argv, directory, environment)


def _trees(root: Path) -> list[Path]:
    data = os.urandom(_FILE_BYTES)
    trees = [root / str(number) for number in range(_TREES)]
    for tree in trees:
        tree.mkdir(parents=True)
        for number in range(_FILES):
            (tree / str(number)).write_bytes(data)
    return trees


def _services(directory: Path, project: Path) -> dict[str, str]:
    """A server with a worker in each language, and a Dask cluster; each with two slots."""
    server = Server(directory / "redis")
    go_worker = directory / "flowrun-worker"
    subprocess.run(["go", "build", "-o", go_worker, "./cmd/flowrun-worker"], cwd=ROOT / "go_worker", check=True)
    url = server.url(0)
    settings = {"FLOWRUN_REDIS_URL": url, "FLOWRUN_SLOTS": str(_SLOTS), "FLOWRUN_LISTEN": "127.0.0.1:0"}
    environment = {**settings, "PYTHONPATH": str(ROOT)}
    service([go_worker], project, {**environment, "FLOWRUN_QUEUE": "go"})
    service([sys.executable, "-m", "flowrun", "worker"], project, {**environment, "FLOWRUN_QUEUE": "py"})
    with Redis.from_url(url) as redis:
        for queue in ("go", "py"):
            wait_for_worker(redis, queue)
    return {"FLOWRUN_REDIS_URL": url, "DASK": dask_cluster(project, _SLOTS)}
