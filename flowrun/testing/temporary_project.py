"""TemporaryProject: a project in a directory that a test fills."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

from ..engine.report import Report
from .job_run import run_job


class TemporaryProject:
    """A project in a directory that a test fills."""

    def __init__(self, root: Path) -> None:
        self.root = root
        """The project root."""

    def write(self, path: str, text: str) -> Path:
        """Write a file, without the indentation that all its lines share, and give its path."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return file

    def run(self, job: str, **options: Any) -> Report:
        """Run a job file of the project as `run_job` does."""
        return run_job(self.root / job, root=self.root, **options)
