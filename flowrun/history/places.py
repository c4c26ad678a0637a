"""Places: where the history of a project lies."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from ..file_name import safe_file_name

SUFFIX = ".jsonl"


class Places:
    """The files of one project's history, below `.flowrun/`."""

    __slots__ = ("definitions", "kept", "spool", "state", "usual")

    def __init__(self, root: Path) -> None:
        self.state = root / ".flowrun"
        """What belongs to flowrun in the project."""
        self.spool = self.state / "history" / "spool"
        """What runs write, one file for each start, until it is taken into the database."""
        self.kept = self.state / "history" / "kept"
        """What was taken, in a directory for each day, so that the database can be made anew."""
        self.definitions = self.state / "history" / "definitions"
        """Job definitions, each once, by its digest."""
        self.usual = self.state / "history" / "usual"
        """How long the tasks of each job took in its last runs."""

    @property
    def database(self) -> Path:
        """The database that readers make of it."""
        return self.state / "history.db"

    def definition(self, digest: str) -> Path:
        """The file of a job definition."""
        return self.definitions / f"{digest}.json"

    def samples(self, job: str) -> Path:
        """The file with how long the tasks of a job took."""
        return self.usual / f"{safe_file_name(job)}.json"

    def waiting(self) -> list[str]:
        """Names of the spools that are written or wait to be taken, in the order in which they were begun."""
        try:
            names = os.listdir(self.spool)
        except OSError:
            return []
        return sorted((name for name in names if name.endswith(SUFFIX)), key=moment_in)


def spool_name(run_id: str, started: datetime) -> str:
    """The name of the spool of one start of a run; `started` is UTC."""
    return f"{safe_file_name(run_id)}.{started:%Y%m%dT%H%M%S%f}{SUFFIX}"


def moment_in(name: str) -> str:
    """When the start began whose spool has this name; the text sorts as the moments do."""
    return name.removesuffix(SUFFIX).rpartition(".")[2]
