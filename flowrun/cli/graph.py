"""flowrun graph: draws the tasks and their dependencies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from .drawing import Groups, dot, mermaid, tree
from .options import job_options, source_of
from .output import Output

if TYPE_CHECKING:
    from ..app import OpenJob

Dependencies = Mapping[str, Sequence[str]]


@click.command("graph")
@job_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "mermaid", "dot", "json"]),
    default="text",
    show_default=True,
    help="Form of the drawing.",
)
@click.option("--json", "is_json", is_flag=True, help="The same as --format json.")
@click.option("--reduce", "is_reduced", is_flag=True, help="Leave out dependencies that follow from others.")
@click.pass_obj
def command(output: Output, /, form: str, is_json: bool, is_reduced: bool, **given: Any) -> int:
    """Draw the tasks of a job and their dependencies."""
    from ..app import open_job

    job = open_job(source_of(given))
    dependencies: Dependencies = {
        name: tuple(dict.fromkeys(task.depends_on)) for name, task in job.definition.tasks.items()
    }
    if is_reduced:
        dependencies = reduced(dependencies)
    if is_json or form == "json":
        output.result(_json(job, dependencies))
    else:
        output.result({"text": tree, "mermaid": mermaid, "dot": dot}[form](dependencies, _groups(job)))
    return 0


def reduced(dependencies: Dependencies) -> Dependencies:
    """The same without dependencies that follow from others."""
    import networkx

    graph: networkx.DiGraph[str] = networkx.DiGraph()
    graph.add_nodes_from(dependencies)
    graph.add_edges_from((name, needed) for name, all_needed in dependencies.items() for needed in all_needed)
    kept = networkx.transitive_reduction(graph)
    return {
        name: tuple(needed for needed in dependencies[name] if kept.has_edge(name, needed)) for name in dependencies
    }


def _groups(job: OpenJob) -> Groups:
    flat = job.loaded.flat
    return Groups({name: _kind(job, name) for name in flat.members}, flat.members, flat.parents)


def _kind(job: OpenJob, group: str) -> str:
    return "serial" if job.definition.tasks[group].serial is not None else "parallel"


def _json(job: OpenJob, dependencies: Dependencies) -> str:
    flat = job.loaded.flat
    tasks = [
        {
            "name": name,
            **({"kind": _kind(job, name)} if name in flat.members else {"task": job.definition.tasks[name].variant}),
            "dependencies": list(needed),
            "group": flat.parents.get(name),
        }
        for name, needed in dependencies.items()
    ]
    return json.dumps({"version": 1, "job": job.name, "tasks": tasks}, indent=2)
