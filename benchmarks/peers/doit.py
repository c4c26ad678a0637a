"""doit 0.37.0: a task runner whose empty Python tasks cost next to nothing."""

from __future__ import annotations

from pathlib import Path

from ..command import Command
from ..workload import Workload
from .installed import python_with

_DODO = """
def nothing():
    pass


def task_all():
    for name, dependencies in {workload!r}.items():
        yield {{"name": name, "actions": [nothing], "task_dep": ["all:" + other for other in dependencies]}}
"""


def command(directory: Path, name: str, workload: Workload, *options: str) -> Command:
    """What runs a workload with doit, one task after the other unless `options` ask for more."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"dodo_{name}.py"
    path.write_text(_DODO.format(workload=dict(workload)))
    return Command((python_with("doit==0.37.0"), "-m", "doit", "-f", path, *options), directory)
