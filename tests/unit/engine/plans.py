"""Plans of a few tasks, and what they want started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowrun.engine.graph import Graph
from flowrun.engine.instruction import Instruction, Start
from flowrun.engine.plan import Plan
from flowrun.engine.restart import RestartPlan
from flowrun.jobdefinition.task_definition import TaskDefinition

CHAIN = {"a": (), "b": ("a",), "c": ("b",), "d": ("c",)}


def plan_of(
    tasks: Mapping[str, Mapping[str, Any]],
    members: Mapping[str, tuple[str, ...]] | None = None,
    follows: Mapping[str, str] | None = None,
    **options: Any,
) -> Plan:
    """A plan of flat tasks by name; whatever has members is a group."""
    groups = members or {}
    definitions = {
        name: TaskDefinition.model_validate({**_kind(keys, is_group=name in groups), **keys})
        for name, keys in tasks.items()
    }
    graph = Graph({name: one.depends_on for name, one in definitions.items()}, groups, follows or {})
    return Plan(definitions, graph, **options)


def _kind(keys: Mapping[str, Any], *, is_group: bool) -> dict[str, Any]:
    if not is_group:
        return {"task": "Any"}
    return {} if "serial" in keys else {"parallel": {}}


def started(instructions: list[Instruction]) -> list[str]:
    """The tasks that are to be started, in order."""
    return [one.name for one in instructions if isinstance(one, Start)]


def verbs(plan: RestartPlan) -> str:
    """What becomes of each task: `a=keep b=rerun`."""
    return " ".join(f"{row.task}={row.verb}" for row in plan.rows)
