"""Workspace: the temporary directory of one run of the benchmarks, and how each tool runs a workload in it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from . import pythonjob
from .command import Command
from .jobfile import JobFile
from .peers import astrum, dagster, doit, flow2, flowmancer, luigi, make, prefect
from .project import Project
from .workload import Workload, independent


class Workspace:
    """What contests are made from."""

    def __init__(self, directory: Path) -> None:
        """Makes what is needed in `directory` when it is first asked for."""
        self.directory = directory

    @cached_property
    def project(self) -> Project:
        """Where flowrun is measured. It has run once, so that its modules are compiled."""
        project = Project(self.directory / "flowrun")
        project.run(JobFile("warm-up", independent(1))).seconds()
        return project

    @cached_property
    def one_process_task(self) -> Command:
        """W1: one empty task in a process."""
        return self.project.run(JobFile("w1", independent(1)))

    @cached_property
    def one_async_task(self) -> Command:
        """One empty coroutine."""
        return self.project.run(JobFile("w1-async", independent(1), ("task: EmptyAsync",)))

    @cached_property
    def one_thread_task(self) -> Command:
        """One empty task in a thread."""
        return self.project.run(JobFile("w1-thread", independent(1), ("task: Empty", "executor: thread")))

    def flowmancer(self, name: str, workload: Workload, at_once: int = 0) -> Command:
        """Empty tasks with Flowmancer."""
        return flowmancer.command(
            self.directory / "flowmancer", JobFile(name, workload, config={"max_concurrency": at_once})
        )

    def doit(self, name: str, workload: Workload, *options: str) -> Command:
        """Empty tasks with doit."""
        return doit.command(self.directory / "doit", name, workload, *options)

    def astrum(self, name: str, workload: Workload) -> Command:
        """Empty coroutines with Astrum."""
        return astrum.command(self.directory / "astrum", name, workload)

    def flow2(self, name: str, workload: Workload) -> Command:
        """Empty coroutines with flow2, layer by layer."""
        return flow2.command(self.directory / "flow2", name, workload)

    def prefect(self, name: str, workload: Workload) -> Command:
        """Empty coroutines with Prefect."""
        return prefect.command(self.directory / "prefect", name, workload)

    def dagster(self, name: str, workload: Workload) -> Command:
        """Empty coroutines with Dagster."""
        return dagster.command(self.directory / "dagster", name, workload)

    def luigi(self, name: str, workload: Workload) -> Command:
        """Empty tasks with Luigi."""
        return luigi.command(self.directory / "luigi", name, workload)

    def python_job(self, name: str, workload: Workload) -> Command:
        """Empty coroutines of a job in Python."""
        path = pythonjob.write(self.project.directory, f"job_{name}", workload)
        return self.project.program(path)

    def make(self, name: str, workload: Workload, at_once: int = 1) -> Command:
        """`true` for each task with GNU make."""
        return make.command(self.directory / "make", name, workload, at_once)
