"""New runs of jobs, and what they would do."""

from __future__ import annotations

import asyncio
import json
import os
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from ...durable import make_state_directory, naming, write_whole
from ...jobs.address import is_address
from ..answer import answer
from ..catalogue import KnownJob
from ..known_jobs import naming_options, the_file_of
from ..launcher import StartedBody
from ..plan_form import PlanBody, asked_plan
from ..refusal import ProblemBody, Refusal
from ..site import Here, Site
from ..start_request import StartRequest, changed_job

router = APIRouter(tags=["jobs"])


class NewRunBody(StartedBody):
    """A new run. `warnings` do not hinder it, such as a given variable that the job does not name."""

    warnings: list[ProblemBody]


def or_without_id(body: Any) -> dict[int | str, dict[str, Any]]:
    """How a route that starts a run may answer, too."""
    return {202: {"model": body, "description": "It was started, and has not told its id yet."}}


IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        description="Any text; a second request with the same one starts nothing and gets the same answer.",
    ),
]


@router.post("/jobs/{job}/plan", operation_id="planRun", response_model=PlanBody)
async def plan_run(request: Request, site: Here, job: str, asked: StartRequest) -> Response:
    """What a new run would do. Nothing is started."""
    arguments = await asyncio.to_thread(_arguments, site, job, asked)
    return answer(request, await asked_plan(site.children, arguments))


@router.post(
    "/jobs/{job}/runs",
    operation_id="startRun",
    response_model=NewRunBody,
    status_code=201,
    responses=or_without_id(NewRunBody),
)
async def start_run(
    request: Request, site: Here, job: str, asked: StartRequest, idempotency_key: IdempotencyKey = ""
) -> Response:
    """Start a run, as a process of its own, which goes on when the server ends."""
    arguments = [*await asyncio.to_thread(_arguments, site, job, asked), *asked.run_options()]
    started = await site.launcher.start([*arguments, *QUIETLY], idempotency_key)
    warnings = await site.children.warnings(arguments) if asked.variables else []
    return started_answer(request, site, NewRunBody(**started, warnings=warnings))


QUIETLY = ("--no-input", "--output=quiet", "--color=never", "--trigger=api")
"""How runs are started from here."""


def started_answer(request: Request, site: Site, started: StartedBody) -> Response:
    """201 with the run, or 202 if its id is not known yet."""
    response = answer(request, started, 201 if started["run"] else 202)
    if started["run"]:
        response.headers["Location"] = f"{site.settings.root_path}/api/v1/runs/{started['run']}"
    return response


def _arguments(site: Site, job: str, asked: StartRequest) -> list[str]:
    known = the_file_of(site, job)
    file = known.file if not asked.parameters else _changed_file(site, known, asked)
    return [*naming_options(site, file), *asked.variable_options(), *asked.options()]


def _changed_file(site: Site, known: KnownJob, asked: StartRequest) -> str:
    """A job file that includes the one of the job, and stands above it with other parameters."""
    if is_address(known.file):
        raise Refusal(422, f"job {known.name!r} is written in Python: parameters of its tasks cannot be given here")
    for task in asked.parameters:
        if task not in known.variants:
            raise Refusal(422, f"job {known.name!r} has no task {task!r}")
    whole: Any = changed_job(known.file, known.name, known.paths, asked)
    data = json.dumps(whole, indent=1).encode()
    directory = site.settings.root / ".flowrun" / "serve"
    file = directory / f"{Path(known.file).stem}.{blake2b(data, digest_size=6).hexdigest()}.yaml"
    with naming(file):
        make_state_directory(directory.parent)
        directory.mkdir(mode=0o700, exist_ok=True)
        os.close(write_whole(file, data))
    return str(file.relative_to(site.settings.root))
