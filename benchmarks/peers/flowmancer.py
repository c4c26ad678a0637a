"""Flowmancer 0.12.4: the ancestor. Its driver and its tasks."""

from __future__ import annotations

from pathlib import Path

from ..command import Command
from ..jobfile import JobFile
from .installed import python_with

_DRIVER = """
import sys

from flowmancer import Flowmancer

if __name__ == "__main__":
    sys.exit(Flowmancer().start())
"""

_TASKS = """
from flowmancer.task import Task, task


@task
class Empty(Task):
    def run(self) -> None:
        pass
"""


def command(directory: Path, job: JobFile) -> Command:
    """What runs a job file with Flowmancer; the project is made in `directory`."""
    (directory / "tasks").mkdir(parents=True, exist_ok=True)
    (directory / "tasks" / "__init__.py").touch()
    (directory / "tasks" / "work.py").write_text(_TASKS)
    (directory / "main.py").write_text(_DRIVER)
    path = directory / f"{job.name}.yaml"
    path.write_text(job.text)
    return Command((python_with("flowmancer==0.12.4"), "main.py", "-j", path), directory)
