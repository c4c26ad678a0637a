"""Crew: those on a Dask worker who perform the attempts of one run, in processes of their own or in its threads."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ...attempt import Attempt, Outcome
from ...shared_values import SharedValues
from ..executor import Emit, Ended, Workplace
from .project import Project


class Crew(Protocol):
    """Has the project of a run. It belongs to the event loop of the worker."""

    async def begin(self, attempt: Attempt, shared: SharedValues, emit: Emit, ended: Ended) -> None:
        """Have an attempt performed that sees these shared values; `ended` is called with its outcome."""

    def command(self, attempt: Attempt, verb: bytes) -> bool:
        """Ask an attempt to end (`A`) or kill it (`K`). False: it has not begun."""

    def fault(self, outcome: Outcome) -> str:
        """Why the project cannot be loaded here, if that is why an attempt ended so; else empty."""

    async def close(self) -> None:
        """End everything that is under way."""


async def open_crew(project: Project, root: Path, workplace: Workplace, slots: int) -> Crew:
    """Those that a project asks for. `workplace` has what the worker gives; `slots` is its number of threads."""
    if project.isolation == "thread":
        from .thread_crew import ThreadCrew

        return await ThreadCrew.opened(project, root, workplace, slots)
    from .process_crew import ProcessCrew

    return ProcessCrew(project, root, workplace)
