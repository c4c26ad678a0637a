"""Tasks of a run: all of them, and one with everything that is known of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from typing_extensions import TypedDict

from ...errors import UsageError
from ...history.definition import Definition
from ...history.rows import RunRow, TaskRow
from ...iso_time import iso
from ...plaintext import quoted
from ..answer import answer, answer_with, as_json
from ..described import NOT_CHANGED
from ..excerpts import SourceBody, source_of
from ..refusal import Refusal
from ..site import Here, Site, TheRun
from ..task_form import AttemptBody, TaskList, TaskSummary, attempt_body
from ..task_rows import all_task_rows, course_of, task_rows
from ..value_form import value_of

router = APIRouter(tags=["tasks"], responses=NOT_CHANGED)

TaskName = Annotated[str, Query(min_length=1, max_length=500, description="The name of the task.")]

_EARLIER = 10


class EarlierBody(TypedDict):
    """The same task in an earlier run."""

    run: str
    state: str
    seconds: float
    started: str | None


class TaskBody(TaskSummary):
    """A task with everything that is known of it."""

    dependencies: list[str]
    dependents: list[str]
    parameters: dict[str, Any]
    source: SourceBody | None
    result: Any
    result_cut: bool
    env: list[str]
    spin_command: str
    attempt_details: list[AttemptBody]
    earlier: list[EarlierBody]


@router.get("/runs/{run}/tasks", operation_id="listTasks", response_model=TaskList)
def list_tasks(request: Request, site: Here, run: TheRun) -> Response:
    """All tasks of a run, in file order, with their attempts."""

    def made() -> bytes:
        seq = site.history.refresh()
        course = site.courses.of(run, lambda: course_of(site.history, run))
        body: TaskList = {"run": run.id, "seq": seq, "items": all_task_rows(site.history, run, course)}
        return as_json(body)

    return answer_with(request, site.tasks.of(run, made))


@router.get("/runs/{run}/task", operation_id="getTask", response_model=TaskBody)
def get_task(request: Request, site: Here, run: TheRun, task: TaskName) -> Response:
    """One task with its attempts, what it was given, what it returned, and how it went before."""
    row = the_task(site, run, task)
    definition = site.history.graph(run.id)
    written = _written(definition, row)
    result = next((one for one in site.history.values(run.id) if one.kind == "result" and one.name == task), None)
    summary = next(one for one in task_rows(site.history, run.id, [task]) if one["name"] == task)
    parameters = written.get("parameters")
    body: TaskBody = {
        **summary,
        "dependencies": _dependencies(definition, row),
        "dependents": _dependents(definition, row),
        "parameters": parameters if isinstance(parameters, dict) else {},
        "source": source_of(site.settings.root, row.variant, _home(definition, row)) if row.variant else None,
        "result": None if result is None else value_of(result),
        "result_cut": result is not None and result.is_cut,
        "env": sorted({*(written.get("env") or ()), *(written.get("secrets") or ())}),
        "spin_command": spin_command(run, task),
        "attempt_details": [attempt_body(one, site.settings.root) for one in site.history.attempts(run.id, task)],
        "earlier": _earlier(site, run, task),
    }
    return answer(request, body)


def spin_command(run: RunRow, task: str) -> str:
    """What a person types to perform this task alone, with the inputs of this run."""
    kept = f" --run {run.id}" if run.state != "completed" else ""
    return f"flowrun spin {quoted(task)} -j {quoted(run.file)}{kept}"


def the_task(site: Site, run: RunRow, task: str) -> TaskRow:
    """The task of this name. Refuses one that the run has not."""
    try:
        return site.history.task(run.id, task)
    except UsageError as error:
        raise Refusal(404, str(error)) from error


def _written(definition: Definition | None, row: TaskRow) -> Any:
    """What the job file says of a task; of an item what it says of the task whose item it is."""
    return definition.written(row.parent if row.kind == "item" else row.name) if definition else {}


def _home(definition: Definition | None, row: TaskRow) -> str:
    """The module in which a task of a job in Python is named; empty for one of a job file."""
    name = row.parent if row.kind == "item" else row.name
    file = next((node.file for node in definition.tasks if node.name == name), "") if definition else ""
    return file if file.endswith(".py") else ""


def _dependencies(definition: Definition | None, row: TaskRow) -> list[str]:
    name = row.parent if row.kind == "item" else row.name
    nodes = definition.tasks if definition else ()
    return next((list(node.dependencies) for node in nodes if node.name == name), [])


def _dependents(definition: Definition | None, row: TaskRow) -> list[str]:
    nodes = definition.tasks if definition else ()
    return [node.name for node in nodes if row.name in node.dependencies]


def _earlier(site: Site, run: RunRow, task: str) -> list[EarlierBody]:
    points = site.history.trends(run.job, task, limit=_EARLIER + 1)
    earlier: list[EarlierBody] = [
        {"run": one.run, "state": one.state, "seconds": round(one.seconds, 3), "started": iso(one.started)}
        for one in points
        if one.run != run.id
    ]
    return earlier[-_EARLIER:]
