"""Start-up: W1 and the commands that only say something."""

from __future__ import annotations

from ..contest import Claim, Contest, repeated, wall
from ..workload import independent
from ..workspace import Workspace


def one_task(workspace: Workspace) -> Contest:
    """W1, one empty task in a process."""
    project = workspace.project
    return Contest(
        parts=[
            repeated(3, wall("flowrun", workspace.one_process_task)),
            repeated(3, wall("bare imports", project.python("import asyncio, click, yaml, pydantic"))),
            repeated(3, wall("one model", project.python(_ONE_MODEL))),
            wall("Flowmancer", workspace.flowmancer("w1", independent(1))),
        ],
        claims=[
            Claim("W1 against bare imports", "flowrun", "bare imports", at_most=2.0),
            Claim("W1 against bare imports and one Pydantic model", "flowrun", "one model"),
            Claim("W1, faster than Flowmancer", "Flowmancer", "flowrun", at_least=4.0),
        ],
    )


def commands(workspace: Workspace) -> Contest:
    """--version, --help, completion."""
    project = workspace.project
    said = {"--version": ("--version",), "--help": ("--help",), "completion bash": ("completion", "bash")}
    return Contest(
        parts=[
            *(repeated(3, wall(what, project.flowrun(*arguments))) for what, arguments in said.items()),
            repeated(3, wall("import click", project.python("import click"))),
        ],
        claims=[Claim(f"flowrun {what}", what, "import click", at_most=2.5) for what in said],
    )


_ONE_MODEL = """
import asyncio, click, yaml, pydantic

class Model(pydantic.BaseModel):
    field: int
"""
