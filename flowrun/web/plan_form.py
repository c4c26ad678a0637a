"""The JSON form of a plan, as `flowrun plan` tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from typing_extensions import TypedDict

from .child import Children
from .refusal import ProblemBody


class PlanRowBody(TypedDict):
    """What becomes of one task, and why."""

    task: str
    verb: str
    why: str
    kind: str
    group: str | None


class PlanBody(TypedDict):
    """What a run would do. `text` is what a person would read in the terminal.

    `warnings` do not hinder the run, such as a variable that the job does not name.
    """

    run: str | None
    restart: bool
    started: str
    text: str
    warnings: list[ProblemBody]
    tasks: list[PlanRowBody]


async def asked_plan(children: Children, arguments: Sequence[str]) -> PlanBody:
    """The plan of a run with these arguments. Raises Refusal if there is none."""
    told, text = await asyncio.gather(children.ask("plan", "--json", *arguments), children.ask("plan", *arguments))
    if told.status != 0:
        raise await children.refusal(told.status, told.err, arguments)
    plan: Any = told.json()
    return {
        "run": plan["run"],
        "restart": plan["restart"],
        "started": plan["started"],
        "text": text.out.decode("utf-8", "replace").rstrip("\n"),
        "warnings": plan["warnings"],
        "tasks": [{key: row[key] for key in PlanRowBody.__annotations__} for row in plan["tasks"]],  # type: ignore[misc]
    }
