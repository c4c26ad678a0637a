"""flow2 6.0.0rc15: groups of coroutines."""

from __future__ import annotations

from pathlib import Path

from ..command import Command
from ..workload import Workload
from .installed import python_with

_PROGRAM = """
import asyncio

import flow2


async def nothing(_context):
    return 1


groups = [
    flow2.ParallelTaskGroup(f"g{{number}}", *(flow2.CallbackTask(name, nothing, output=False) for name in names))
    for number, names in enumerate({layers!r})
]
asyncio.run(flow2.SerialTaskGroup("all", *groups).process())
"""


def command(directory: Path, name: str, workload: Workload) -> Command:
    """What runs a workload with flow2: it knows no dependencies but the order of groups, so each layer is a group."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.py"
    path.write_text(_PROGRAM.format(layers=_layers(workload)))
    return Command((python_with("flow2==6.0.0rc15"), path), directory, {"LOG_FILE": "none"})


def _layers(workload: Workload) -> list[list[str]]:
    level: dict[str, int] = {}
    layers: list[list[str]] = []
    for name, needed in workload.items():
        level[name] = 1 + max((level[one] for one in needed), default=-1)
        if level[name] == len(layers):
            layers.append([])
        layers[level[name]].append(name)
    return layers
