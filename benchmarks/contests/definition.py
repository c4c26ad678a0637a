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

_FOUR_VALUES = (
    "task: Refer",
    "parameters:",
    "  day: 2026-01-01",
    "  rows: 1000",
    "  path: /data/orders.csv",
    "  first: 7",
    "  share: 0.5",
)
_FOUR_REFERENCES = (
    "task: Refer",
    "parameters:",
    "  day: 2026-01-01",
    "  rows: ${{ tasks.{before}.result.rows }}",
    "  path: ${{ tasks.{before}.result.path }}",
    "  first: ${{ tasks.{before}.result.orders[0].id }}",
    "  share: ${{ tasks.{before}.result.shares['eu'] }}",
)
_WITH_REFER = {"extension_directories": "[./referring]"}


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


def references(workspace: Workspace) -> Contest:
    """2,000 tasks with four parameters each: values, and references to results of the task before."""
    project = workspace.project
    values = project.write(JobFile("values-2000", chain(2_000), _FOUR_VALUES, _WITH_REFER))
    referring = project.write(JobFile("references-2000", chain(2_000), _FOUR_REFERENCES, _WITH_REFER))
    return Contest(
        parts=[
            repeated(2, wall("values", project.flowrun("validate", str(values)))),
            repeated(2, wall("references", project.flowrun("validate", str(referring)))),
        ],
        claims=[Claim("validate 8,000 references against values", "references", "values", at_most=1.5)],
    )
