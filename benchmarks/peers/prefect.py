"""Prefect 3.8.8: a flow of tasks, with the server that it starts for itself."""

from __future__ import annotations

from pathlib import Path

from ..command import Command
from ..workload import Workload
from .installed import python_with

_PROGRAM = """
from prefect import flow, task


@task
async def nothing() -> None:
    pass


@flow
def bench():
    futures = {{}}
    for name, dependencies in {workload!r}.items():
        futures[name] = nothing.with_options(name=name).submit(wait_for=[futures[one] for one in dependencies])
    for future in futures.values():
        future.wait()


bench()
"""


def command(directory: Path, name: str, workload: Workload) -> Command:
    """What runs a workload with Prefect. It cannot start with a FastAPI of today."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.py"
    path.write_text(_PROGRAM.format(workload=dict(workload)))
    settings = {
        "PREFECT_HOME": str(directory / "home"),
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    return Command((python_with("prefect==3.8.8", "fastapi<0.120"), path), directory, settings)
