"""Astrum 0.1.2: a graph of coroutines."""

from __future__ import annotations

from pathlib import Path

from ..command import Command
from ..workload import Workload
from .installed import python_with

_PROGRAM = """
import asyncio

from astrum.decorators import run, task


def nothing(name):
    async def body() -> None:
        pass

    body.__qualname__ = name  # by which Astrum tells functions apart
    return body


for name, dependencies in {workload!r}.items():
    task(name, depends_on=list(dependencies))(nothing(name))
asyncio.run(run())
"""


def command(directory: Path, name: str, workload: Workload) -> Command:
    """What runs a workload with Astrum."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.py"
    path.write_text(_PROGRAM.format(workload=dict(workload)))
    return Command((python_with("astrum==0.1.2"), path), directory)
