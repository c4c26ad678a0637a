"""flowrun show: shows the merged job definition, and where each value came from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
import yaml

from ..errors import UsageError
from ..jobdefinition.keypath import leaves, spelled
from .excerpt import lines_before
from .options import is_name, job_options, source_of
from .output import Output
from .printable import harmless, near

if TYPE_CHECKING:
    from ..app import OpenJob
    from ..jobdefinition import Origins
    from ..problem import Place

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Leaf:
    """One value of the merged definition."""

    path: KeyPath
    value: object
    place: Place
    overridden: tuple[Place, ...]


@click.command("show")
@job_options
@click.option("--task", metavar="TASK", help="Show just this task.")
@click.option(
    "--origin", "is_origin", is_flag=True, help="Show the file and line of every value, and what it replaced."
)
@click.option("--json", "is_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def command(output: Output, /, task: str | None, is_origin: bool, is_json: bool, **given: Any) -> int:
    """Show the job definition as it is after including, merging and filling in variables.

    Values from the environment are shown as they are written in the file.
    """
    from ..app import open_job

    job = open_job(source_of(given))
    if is_name(given["job"] or given["named"] or "-"):
        output.say(harmless(near(job.loaded.files[0])))
    merged = merged_definition(job, task)
    if is_origin:
        leaves = list(leaves_of(merged, job.loaded.origins))
        output.result(_origins_json(leaves) if is_json else _origins_text(leaves))
    else:
        output.result(json.dumps({"version": 1, "definition": merged}, indent=2) if is_json else _yaml(merged))
    return 0


def merged_definition(job: OpenJob, task: str | None) -> dict[str, Any]:
    """The definition as plain values, without defaults. Raises UsageError for a task that does not exist."""
    from ..jobdefinition.dump import dump

    merged: dict[str, Any] = yaml.safe_load(dump(job.loaded.written or job.definition, job.loaded.origins))
    if task is None:
        return merged
    if task not in job.definition.tasks:
        from difflib import get_close_matches

        near = get_close_matches(task, job.definition.tasks, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UsageError(f"no task is named {task!r} in job {job.name!r}{hint}")
    return _only(merged, job.loaded.flat.path_of(task))


def _only(merged: dict[str, Any], path: Sequence[Any]) -> dict[str, Any]:
    """What stands at `path`, with the keys that lead to it and nothing beside them."""
    first, *rest = path
    return {first: _only(merged[first], rest) if rest else merged[first]}


def leaves_of(merged: Mapping[str, Any], origins: Origins) -> Iterator[Leaf]:
    """Every value with its place, in the order of the definition."""
    return (Leaf(path, value, origins.value(path), origins.history(path)) for path, value in leaves(merged))


def _yaml(merged: Mapping[str, Any]) -> str:
    return yaml.dump(merged, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=2**30).rstrip("\n")


def _origins_text(leaves: list[Leaf]) -> str:
    lines = []
    for leaf in leaves:
        lines.append(f"{spelled(leaf.path)}: {harmless(json.dumps(leaf.value), 300)}   {harmless(leaf.place)}")
        for place in reversed(leaf.overridden):
            written = "".join(text.strip() for _number, text in lines_before(place.file, place.line, 1))
            lines.append(f"    overridden: {harmless(written, 200)}   {harmless(place)}")
    return "\n".join(lines)


def _origins_json(leaves: list[Leaf]) -> str:
    records = [
        {
            "path": spelled(leaf.path),
            "value": leaf.value,
            **_place(leaf.place),
            "overridden": [_place(place) for place in leaf.overridden],
        }
        for leaf in leaves
    ]
    return json.dumps({"version": 1, "values": records}, indent=2)


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "column": place.column}
