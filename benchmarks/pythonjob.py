"""PythonJob: a workload of empty coroutines as a program with a job in Python."""

from __future__ import annotations

from pathlib import Path

from .workload import Workload

_PROGRAM = """
from flowrun import Job


async def nothing() -> None:
    pass


job = Job("bench")
for name, dependencies in {workload!r}.items():
    job.add(nothing, name=name, depends_on=list(dependencies))
job.run_sync(raises=True)
"""


def write(directory: Path, name: str, workload: Workload) -> Path:
    """Put the program into a directory."""
    path = directory / f"{name}.py"
    path.write_text(_PROGRAM.format(workload=dict(workload)))
    return path
