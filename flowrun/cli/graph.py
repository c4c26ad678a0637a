"""flowrun graph: draws the tasks and their dependencies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from .drawing import dot, mermaid, tree
from .options import job_options, source_of
from .output import Output

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
    definition = job.definition
    dependencies: Dependencies = {
        name: tuple(dict.fromkeys(task.depends_on)) for name, task in definition.tasks.items()
    }
    if is_reduced:
        dependencies = reduced(dependencies)
    if is_json or form == "json":
        output.result(_json(definition.config.name, {n: t.variant for n, t in definition.tasks.items()}, dependencies))
    else:
        output.result({"text": tree, "mermaid": mermaid, "dot": dot}[form](dependencies))
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


def _json(name: str, variants: Mapping[str, str], dependencies: Dependencies) -> str:
    tasks = [
        {"name": task, "task": variants[task], "dependencies": list(needed)} for task, needed in dependencies.items()
    ]
    return json.dumps({"version": 1, "job": name, "tasks": tasks}, indent=2)
