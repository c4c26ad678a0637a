"""Luigi 3.8.1: tasks with outputs in memory, and its own scheduler in the process."""

from __future__ import annotations

from pathlib import Path

from ..command import Command
from ..workload import Workload
from .installed import python_with

_PROGRAM = """
import logging

import luigi
from luigi.mock import MockTarget

WORKLOAD = {workload!r}
logging.disable(logging.CRITICAL)


class Empty(luigi.Task):
    name = luigi.Parameter()

    def requires(self):
        return [Empty(name=one) for one in WORKLOAD[self.name]]

    def output(self):
        return MockTarget(self.name)

    def run(self):
        with self.output().open("w") as out:
            out.write("")


luigi.build([Empty(name=name) for name in WORKLOAD], local_scheduler=True, workers=1)
"""


def command(directory: Path, name: str, workload: Workload) -> Command:
    """What runs a workload with Luigi, one task after the other in its process."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.py"
    path.write_text(_PROGRAM.format(workload={one: list(needed) for one, needed in workload.items()}))
    return Command((python_with("luigi==3.8.1"), path), directory)
