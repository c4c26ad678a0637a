"""Output: a task that prints a million lines."""

from __future__ import annotations

import os
from pathlib import Path

from ..contest import Claim, Contest, Figures, floor
from ..jobfile import JobFile
from ..project import Project
from ..workload import independent
from ..workspace import Workspace

_LINES = 1_000_000
_FEW = 200_000


def lines(workspace: Workspace) -> Contest:
    """One task that prints 1,000,000 lines, against a pipe that is copied to a file."""
    project = workspace.project
    copy = project.directory / "copied.txt"
    return Contest(
        parts=[
            lambda: _lost(project),
            floor("line by line", project.floor("pipe", copy, _LINES, "line")),
            floor("in blocks", project.floor("pipe", copy, _LINES, "block")),
            lambda: {"peak": _peak(project, _LINES), "peak of few": _peak(project, _FEW)},
        ],
        claims=[
            Claim("1,000,000 lines against a pipe, line by line", "flowrun", "line by line", at_most=2.0),
            Claim("1,000,000 lines against a pipe, in blocks", "flowrun", "in blocks"),
            Claim("1,000,000 lines, lines lost", "lost", at_most=0.0, unit=""),
            Claim("1,000,000 lines, peak memory against 200,000", "peak", "peak of few", at_most=1.1, unit="B"),
        ],
    )


def _talk(count: int, logs: Path) -> JobFile:
    keys = ("task: Talk", f"parameters: {{lines: {count}}}")
    more = f"loggers: {{file: {{logger: FileLogger, parameters: {{base_log_dir: {logs}}}}}}}\n"
    return JobFile(f"talk-{count}", independent(1), keys, more=more)


def _lost(project: Project) -> Figures:
    """The seconds of a run, and the lines that are not in its log."""
    logs = project.directory / "talk-logs"
    seconds = project.run(_talk(_LINES, logs)).seconds()
    [log] = logs.glob("*/t0.log")
    with log.open("rb") as file:
        kept = sum(1 for _ in file)
    os.unlink(log)
    return {"flowrun": seconds, "lost": _LINES - kept}


def _peak(project: Project, count: int) -> float:
    return project.run(_talk(count, project.directory / "peak-logs")).peak_bytes()
