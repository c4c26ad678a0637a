"""Actions on a run: continue it, stop it, perform one of its tasks alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from typing_extensions import TypedDict

from ...given_variables import LEFT_OUT, variable_options, variables_in
from ...history.rows import RunRow
from ...history.stopping import NotStoppableError, stop
from ..answer import answer
from ..described import NOT_CHANGED
from ..known_jobs import naming_options
from ..launcher import StartedBody
from ..plan_form import PlanBody, asked_plan
from ..python_jobs import is_there
from ..refusal import Refusal
from ..run_form import can_continue
from ..site import Here, Site, TheRun
from ..start_request import RestartQuery, RestartRequest, StopRequest
from .starting import QUIETLY, IdempotencyKey, or_without_id, started_answer
from .tasks import TaskName, spin_command, the_task

router = APIRouter(tags=["actions"])


class StoppedBody(TypedDict):
    """What was sent to the process of a run."""

    run: str
    sent: str


class CommandBody(TypedDict):
    """What a person types."""

    command: str


@router.get("/runs/{run}/restart-plan", operation_id="planRestart", response_model=PlanBody, responses=NOT_CHANGED)
async def plan_restart(request: Request, site: Here, run: TheRun, asked: Annotated[RestartQuery, Query()]) -> Response:
    """What a restart would do, task by task, and why. Nothing is started."""
    _check(site, run)
    return answer(request, await asked_plan(site.children, _arguments(site, run, asked)))


@router.post(
    "/runs/{run}/restart",
    operation_id="restartRun",
    response_model=StartedBody,
    status_code=201,
    responses=or_without_id(StartedBody),
)
async def restart_run(
    request: Request, site: Here, run: TheRun, asked: RestartRequest, idempotency_key: IdempotencyKey = ""
) -> Response:
    """Continue a run, as a process of its own."""
    arguments = [*_arguments(site, run, asked), *QUIETLY]
    started = await site.launcher.start(arguments, idempotency_key, lambda: _check(site, run))
    return started_answer(request, site, started)


@router.post("/runs/{run}/stop", operation_id="stopRun", response_model=StoppedBody, status_code=202)
def stop_run(request: Request, site: Here, run: TheRun, asked: StopRequest) -> Response:
    """Ask a run to end, as Ctrl-C does; with `now` its tasks are killed."""
    try:
        stop(site.history, run, now=asked.now)
    except NotStoppableError as error:
        raise Refusal(409, str(error)) from error
    body: StoppedBody = {"run": run.id, "sent": "TERM TERM" if asked.now else "TERM"}
    return answer(request, body, 202)


@router.get("/runs/{run}/spin", operation_id="getSpinCommand", response_model=CommandBody, responses=NOT_CHANGED)
def get_spin(request: Request, site: Here, run: TheRun, task: TaskName) -> Response:
    """The command that performs one task alone, with the inputs of this run."""
    the_task(site, run, task)
    body: CommandBody = {"command": spin_command(run, task)}
    return answer(request, body)


def _check(site: Site, run: RunRow) -> None:
    """Raises Refusal if there is nothing to continue. Of a request that came before, that holds no more."""
    if not can_continue(run):
        raise Refusal(409, f"run {run.id} is {run.state}: there is nothing to continue")
    if not is_there(site.settings.root, run.file):
        raise Refusal(409, f"the job file {run.file} of run {run.id} is not there any more")


def _arguments(site: Site, run: RunRow, asked: RestartRequest) -> list[str]:
    variables = dict(variables_in(site.history.starts(run.id)[-1].arguments))
    if hidden := [name for name, value in variables.items() if value == LEFT_OUT]:
        what = f"run {run.id} was given the variable {hidden[0]!r}, and its value is not kept"
        raise Refusal(409, f"{what}: continue it in a terminal")
    return [
        *naming_options(site, run.file),
        f"--restart={run.id}",
        *variable_options(variables),
        *asked.options(),
    ]
