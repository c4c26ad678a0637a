"""Jobs: those of the project and those that only the history knows, and how their runs went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from ...given_variables import variable_options
from ...history.rows import RunRow
from ...iso_time import iso
from ...jobs.address import is_address
from ..answer import answer
from ..catalogue import PLACEHOLDER
from ..definition_form import DefinitionBody, of_commands
from ..described import NOT_CHANGED
from ..graph_form import GraphBody, graph_of_command
from ..job_form import (
    GridBody,
    JobBody,
    JobList,
    JobSchemaBody,
    TrendBody,
    job_body,
    job_schema_body,
    tick,
)
from ..known_jobs import job_rows, known_jobs, name_in_history, naming_options, the_file_of, the_job
from ..site import Here, Site

router = APIRouter(tags=["jobs"])

_CELLS = 100_000


@router.get("/jobs", operation_id="listJobs", response_model=JobList, responses=NOT_CHANGED)
def list_jobs(request: Request, site: Here) -> Response:
    """The jobs of the project, then those that only the history knows."""
    body: JobList = {"items": list(job_rows(site).values())}
    return answer(request, body)


@router.get("/jobs/{job}", operation_id="getJob", response_model=JobBody, responses=NOT_CHANGED)
def get_job(request: Request, site: Here, job: str) -> Response:
    """One job, with the variables that a run of it may be given."""
    return answer(request, job_body(the_job(site, job), known_jobs(site).get(job)))


@router.get("/jobs/{job}/schema", operation_id="getJobSchema", response_model=JobSchemaBody, responses=NOT_CHANGED)
async def get_schema(request: Request, site: Here, job: str) -> Response:
    """What a form for a new run is made of. The code of the project is imported by a process of its own.

    Of a job in Python these are its variables.
    """
    known = await asyncio.to_thread(the_file_of, site, job)
    if is_address(known.file):
        return answer(request, job_schema_body(known, {}, {}))
    named = naming_options(site, known.file)
    needed = dict.fromkeys(known.variables.get("required", ()), PLACEHOLDER)
    schema = (await site.children.ask("schema", *named, *variable_options(needed))).json()
    listed = (await site.children.ask("list", "tasks", "--json", *named)).json()
    return answer(request, job_schema_body(known, schema, listed))


@router.get("/jobs/{job}/graph", operation_id="getJobGraph", response_model=GraphBody, responses=NOT_CHANGED)
async def get_graph(request: Request, site: Here, job: str) -> Response:
    """The tasks of a job as its file is now."""
    told = await site.children.ask("graph", "--json", *await _options(site, job))
    return answer(request, graph_of_command(told.json()))


@router.get(
    "/jobs/{job}/definition", operation_id="getJobDefinition", response_model=DefinitionBody, responses=NOT_CHANGED
)
async def get_definition(request: Request, site: Here, job: str) -> Response:
    """The definition of a job as its file is now, merged, and where each value is written."""
    named = await _options(site, job)
    shown = (await site.children.ask("show", "--json", *named)).json()
    origins = (await site.children.ask("show", "--origin", "--json", *named)).json()
    return answer(request, of_commands(shown, origins, site.settings.root))


@router.get("/jobs/{job}/grid", operation_id="getJobGrid", response_model=GridBody, responses=NOT_CHANGED)
def get_grid(request: Request, site: Here, job: str, runs: Annotated[int, Query(ge=1, le=100)] = 30) -> Response:
    """How each task ended in the last runs."""
    return answer(request, _grid(site, _runs(site, job, runs)))


@router.get("/jobs/{job}/trends", operation_id="getJobTrends", response_model=TrendBody, responses=NOT_CHANGED)
def get_trends(
    request: Request,
    site: Here,
    job: str,
    task: Annotated[str, Query(max_length=500, description="Of this task; without it, of whole runs.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """How long the runs of a job, or a task in them, took."""
    the_job(site, job)
    points = site.history.trends(name_in_history(site, job), task or None, limit=limit)
    body: TrendBody = {
        "points": [
            {
                "run": one.run,
                "started": iso(one.started),
                "seconds": round(one.seconds, 3),
                "state": one.state,
                "attempts": one.attempts,
                "waiting_seconds": round(one.waiting_seconds, 3),
                "peak_memory": one.peak_bytes or None,
                "cpu_seconds": one.cpu_seconds or None,
            }
            for one in points
        ]
    }
    return answer(request, body)


async def _options(site: Site, job: str) -> tuple[str, ...]:
    known = await asyncio.to_thread(the_file_of, site, job)
    return naming_options(site, known.file)


def _runs(site: Site, job: str, number: int) -> list[RunRow]:
    the_job(site, job)
    return list(reversed(site.history.runs(job=name_in_history(site, job), limit=number).runs))


def _grid(site: Site, runs: Sequence[RunRow]) -> GridBody:
    columns: list[dict[str, str]] = []
    names: dict[str, None] = {}
    for run in reversed(runs):
        if len(names) * len(runs) < _CELLS:
            column = {task.name: task.state for task in site.history.tasks(run.id) if task.kind in ("task", "items")}
            names |= dict.fromkeys(column)
            columns.append(column)
    columns.reverse()
    return {
        "runs": [tick(run) for run in runs[len(runs) - len(columns) :]],
        "tasks": list(names),
        "cells": {name: [column.get(name) for column in columns] for name in names},
    }
