"""The JSON form of a job: its file as it is now, and how its last runs went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import TypedDict

from ..history.rows import JobSummary, RunRow
from ..iso_time import iso
from ..schema import definition_key
from .catalogue import KnownJob
from .refusal import ProblemBody
from .run_form import RunSummary, run_summary


class Tick(TypedDict):
    """A run as a tick of a bar."""

    id: str
    status: str
    started: str | None
    seconds: float


class JobRow(TypedDict):
    """A job in a list."""

    name: str
    title: str
    file: str | None
    tasks: int | None
    problems: int
    is_startable: bool
    runs: list[Tick]
    success_rate: float | None
    usual_seconds: float | None
    last: RunSummary | None


class JobList(TypedDict):
    """The jobs of the project, and those that only the history knows."""

    items: list[JobRow]


class JobBody(JobRow):
    """A job alone."""

    variables: dict[str, Any]
    problem_list: list[ProblemBody]


class TaskParameters(TypedDict):
    """A task with the parameters that its class takes, and those that the job file gives."""

    name: str
    task: str
    description: str
    parameters: dict[str, Any]
    given: dict[str, Any]


class JobSchemaBody(TypedDict):
    """What a form for a new run is made of."""

    variables: dict[str, Any]
    tasks: list[TaskParameters]


class GridBody(TypedDict):
    """How each task ended in the last runs, the oldest first."""

    runs: list[Tick]
    tasks: list[str]
    cells: dict[str, list[str | None]]


class PointBody(TypedDict):
    """One run, of a job or of a task in it."""

    run: str
    started: str | None
    seconds: float
    state: str
    attempts: int
    waiting_seconds: float
    peak_memory: int | None
    cpu_seconds: float | None


class TrendBody(TypedDict):
    """A curve, the oldest first."""

    points: list[PointBody]


def job_row(name: str, known: KnownJob | None, summary: JobSummary | None, *, may_start: bool) -> JobRow:
    """A job in a list."""
    recent = list(summary.recent) if summary else []
    return {
        "name": name,
        "title": known.title if known else name,
        "file": known.file if known else (summary.file if summary else None),
        "tasks": known.tasks if known else None,
        "problems": len(known.problems) if known else 0,
        "is_startable": may_start and known is not None and not known.problems,
        "runs": [tick(run) for run in reversed(recent)],
        "success_rate": summary.success_share if summary else None,
        "usual_seconds": summary.usual_seconds if summary else None,
        "last": run_summary(recent[0]) if recent else None,
    }


def job_body(row: JobRow, known: KnownJob | None) -> JobBody:
    """A job alone."""
    variables: Mapping[str, Any] = known.variables if known else {"type": "object", "properties": {}}
    return {**row, "variables": dict(variables), "problem_list": list(known.problems) if known else []}


def tick(run: RunRow) -> Tick:
    """A run as a tick."""
    return {"id": run.id, "status": run.state, "started": iso(run.started), "seconds": round(run.seconds, 3)}


def job_schema_body(known: KnownJob, schema: Mapping[str, Any], listed: Mapping[str, Any]) -> JobSchemaBody:
    """The form of a new run, from what `flowrun schema` and `flowrun list --json` have told."""
    classes = {entry["name"]: entry["description"] for entry in listed.get("tasks", ())}
    definitions: Mapping[str, Any] = schema.get("$defs", {})

    def parameters(variant: str) -> dict[str, Any]:
        return _resolved(definitions.get(definition_key("task", variant), {"type": "object"}), definitions)

    return {
        "variables": dict(known.variables),
        "tasks": [
            {
                "name": name,
                "task": variant,
                "description": classes.get(variant, ""),
                "parameters": parameters(variant),
                "given": dict(known.parameters.get(name, {})),
            }
            for name, variant in known.variants.items()
        ],
    }


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with those that it refers to, so that it stands alone. What workers announce does that already.

    Where workers differ, the form has what the first of them takes.
    """
    if "$id" in schema:
        return {**schema, **(schema["anyOf"][0] if "properties" not in schema and schema.get("anyOf") else {})}
    wanted, found = [schema], dict[str, Any]()
    while wanted:
        for name in _references(wanted.pop()):
            if name not in found and name in definitions:
                found[name] = definitions[name]
                wanted.append(definitions[name])
    return {**schema, "$defs": found} if found else dict(schema)


def _references(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        own = [str(value["$ref"]).removeprefix("#/$defs/")] if isinstance(value.get("$ref"), str) else []
        return own + [name for below in value.values() for name in _references(below)]
    return [name for below in value for name in _references(below)] if isinstance(value, list) else []
