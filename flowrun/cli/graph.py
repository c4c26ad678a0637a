"""flowrun graph: draws the tasks and their dependencies, of a job or of a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from .drawing import Dependencies, d2, dot, mermaid, tree
from .options import job_options, source_of
from .output import Output

if TYPE_CHECKING:
    from .drawn import Drawn


@click.command("graph")
@job_options
@click.option("--run", metavar="RUN", help="Draw what was performed in this run, and where each task of it stands.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "mermaid", "dot", "d2", "svg", "json"]),
    default="text",
    show_default=True,
    help="Form of the drawing.",
)
@click.option("--json", "is_json", is_flag=True, help="The same as --format json.")
@click.option("--reduce", "is_reduced", is_flag=True, help="Leave out dependencies that follow from others.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Use of colours.")
@click.pass_obj
def command(
    output: Output, /, run: str | None, form: str, is_json: bool, is_reduced: bool, color: str, **given: Any
) -> int:
    """Draw the tasks of a job and their dependencies, or those of a run with their states.

    RUN is the beginning of the id of a run, @last, @last-good or @failed.
    """
    output.choose_colour(color)
    drawn = _of_job(given) if run is None else _of_run(run, given, output)
    if is_reduced:
        drawn = drawn.depending(reduced(drawn.dependencies))
    output.result(_text(drawn, "json" if is_json else form, output))
    return 0


def _of_job(given: dict[str, Any]) -> Drawn:
    from ..app import open_job
    from .drawn import drawn_job

    return drawn_job(open_job(source_of(given)))


def _of_run(run: str, given: dict[str, Any], output: Output) -> Drawn:
    from .drawn import drawn_run
    from .job_history import history_of_job

    history, job = history_of_job(given, output)
    return drawn_run(history, history.resolve(run, job=job))


def _text(drawn: Drawn, form: str, output: Output) -> str:
    if form == "json":
        return json.dumps(drawn.record(), indent=2)
    if form == "svg":
        from .html_graph import svg

        return svg(drawn.nodes, drawn.tasks if drawn.run is not None else None)
    if form == "text":
        return tree(drawn.dependencies, drawn.groups, lambda name, title: _marked(drawn, name, title, output))
    return {"mermaid": mermaid, "dot": dot, "d2": d2}[form](drawn.dependencies, drawn.groups, drawn.looks)


def _marked(drawn: Drawn, name: str, title: str, output: Output) -> str:
    """`✓ load   completed`."""
    look = drawn.looks.get(name)
    if look is None:
        return title
    sign = f"{output.paint(look.sign, look.colour)} " if output.has_symbols else ""
    return "   ".join(filter(None, (f"{sign}{title}", output.paint(look.word, look.colour), drawn.remark(name))))


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
