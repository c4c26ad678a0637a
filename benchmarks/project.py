"""Project: a directory with tasks and generated job files, in which flowrun is measured."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from .command import Command
from .jobfile import JobFile
from .workload import independent

_HERE = Path(__file__).parent
_FLOORS = _HERE / "floors"


class Project:
    """A copy of `benchmarks/project`, in a temporary directory."""

    def __init__(self, directory: Path) -> None:
        """Makes the directory."""
        shutil.copytree(_HERE / "project", directory, ignore=shutil.ignore_patterns("__pycache__"))
        self.directory = directory
        self._modules: Path | None = None

    def flowrun(self, *arguments: str, status: int = 0) -> Command:
        """The flowrun that stands beside the benchmarks."""
        argv = (sys.executable, "-m", "flowrun", *arguments)
        return Command(argv, self.directory, {"PYTHONPATH": str(_HERE.parent)}, status)

    def write(self, job: JobFile) -> Path:
        """Put a job file into the project."""
        path = self.directory / f"{job.name}.yaml"
        path.write_text(job.text)
        return path

    def run(self, job: JobFile, *arguments: str, status: int = 0) -> Command:
        """What runs a job."""
        return self.flowrun("run", "-j", str(self.write(job)), *arguments, status=status)

    def python(self, code: str) -> Command:
        """The same interpreter with a line of code."""
        return Command((sys.executable, "-c", code), self.directory)

    def floor(self, program: str, *arguments: str | float | Path) -> Command:
        """A program of `benchmarks/floors`."""
        return Command((sys.executable, _FLOORS / f"{program}.py", *map(str, arguments)), self.directory)

    def program(self, program: str | Path, *arguments: str) -> Command:
        """A program that imports flowrun: one of `benchmarks/floors`, or any other by its path."""
        path = _FLOORS / f"{program}.py" if isinstance(program, str) else program
        return Command((sys.executable, path, *arguments), self.directory, {"PYTHONPATH": str(_HERE.parent)})

    def warm_fork(self, count: int, at_once: int) -> Command:
        """Empty children of an interpreter that has imported what the starter of flowrun has imported."""
        return self.floor("warm_fork", self._starter_modules(), count, at_once)

    def pipe_chain(self, count: int, size: int, directory: Path | None = None) -> Command:
        """Children of such an interpreter that hand a value on; with a directory they keep it there too."""
        where = () if directory is None else (directory,)
        return self.floor("pipe_chain", self._starter_modules(), count, size, *where)

    def _starter_modules(self) -> Path:
        if self._modules is None:
            path = self.directory / "modules.txt"
            keys = ("task: ListModules", f"parameters: {{path: {path}}}")
            self.run(JobFile("modules", independent(1), keys)).seconds()
            self._modules = path
        return self._modules
