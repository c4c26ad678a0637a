"""The JSON form of a graph: tasks, what they depend on, and the groups that they are in."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from ..history.definition import Definition


class NodeBody(TypedDict):
    name: str
    task: str
    kind: str
    group: str | None


EdgeBody = TypedDict("EdgeBody", {"from": str, "to": str})


class GroupBody(TypedDict):
    name: str
    kind: str
    members: list[str]


class GraphBody(TypedDict):
    """Tasks, edges from what must complete first to what waits for it, and groups."""

    nodes: list[NodeBody]
    edges: list[EdgeBody]
    groups: list[GroupBody]


def graph_body(definition: Definition | None) -> GraphBody:
    """The graph of a run."""
    tasks = definition.tasks if definition else ()
    return _graph(
        [(node.name, node.variant, node.kind, node.parent or None, list(node.dependencies)) for node in tasks],
        {node.name: definition.group_kind(node.name) for node in tasks if node.kind == "group" and definition},
    )


def graph_of_command(told: Any) -> GraphBody:
    """The graph of a job, as `flowrun graph --json` has told it."""
    rows = [
        (
            task["name"],
            task.get("task", ""),
            "group" if "kind" in task else "task",
            task.get("group"),
            list(task["dependencies"]),
        )
        for task in told["tasks"]
    ]
    return _graph(rows, {task["name"]: task["kind"] for task in told["tasks"] if "kind" in task})


def _graph(rows: list[tuple[str, str, str, str | None, list[str]]], groups: dict[str, str]) -> GraphBody:
    members: dict[str, list[str]] = {name: [] for name in groups}
    for name, _task, _kind, group, _needs in rows:
        if group in members:
            members[group].append(name)
    return {
        "nodes": [
            {"name": name, "task": task, "kind": kind, "group": group} for name, task, kind, group, _needs in rows
        ],
        "edges": [{"from": need, "to": name} for name, _task, _kind, _group, needs in rows for need in needs],
        "groups": [{"name": name, "kind": kind, "members": members[name]} for name, kind in groups.items()],
    }
