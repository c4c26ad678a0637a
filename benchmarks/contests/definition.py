"""Definition: reading and checking large job files."""

from __future__ import annotations

from ..contest import Claim, Contest, repeated, wall
from ..jobfile import JobFile
from ..workload import chain
from ..workspace import Workspace

_EIGHT_LINES = (  # with the line of the name and that of the dependency
    "task: Load",
    "max_attempts: 2",
    "parameters:",
    "  day: 2026-01-01",
    "  rows: 1000",
    "  source: warehouse",
)


def validate(workspace: Workspace) -> Contest:
    """2,000 tasks in 16,000 lines, and 10,000 tasks."""
    project = workspace.project
    small = project.write(JobFile("validate-2000", chain(2_000), _EIGHT_LINES))
    large = project.write(JobFile("validate-10000", chain(10_000), _EIGHT_LINES))
    return Contest(
        parts=[
            repeated(2, wall("2,000", project.flowrun("validate", str(small)))),
            repeated(2, wall("compose and Pydantic", project.floor("compose", small))),
            wall("10,000", project.flowrun("validate", str(large))),
        ],
        claims=[
            Claim("validate 2,000 tasks against compose and Pydantic", "2,000", "compose and Pydantic", at_most=2.5),
            Claim("validate 10,000 tasks against 2,000", "10,000", "2,000", at_most=6.0),
        ],
    )
