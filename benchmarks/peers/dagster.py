"""Dagster 1.13.29: a job of ops, executed in the process."""

from __future__ import annotations

from pathlib import Path

from ..command import Command
from ..workload import Workload
from .installed import python_with

_PROGRAM = """
import logging

from dagster import In, Nothing, job, op

logging.disable(logging.CRITICAL)


def made(name, dependencies):
    @op(name=name, ins={{one: In(Nothing) for one in dependencies}})
    async def nothing() -> None:
        pass

    return nothing


@job
def bench():
    done = {{}}
    for name, dependencies in {workload!r}.items():
        done[name] = made(name, dependencies)(**{{one: done[one] for one in dependencies}})


bench.execute_in_process()
"""


def command(directory: Path, name: str, workload: Workload) -> Command:
    """What runs a workload with Dagster."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.py"
    path.write_text(_PROGRAM.format(workload=dict(workload)))
    return Command((python_with("dagster==1.13.29"), path), directory, {"DAGSTER_DISABLE_TELEMETRY": "1"})
