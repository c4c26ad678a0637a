"""Approvals: the tasks that wait for a person, and the answers."""

from __future__ import annotations

import time
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Path, Request, Response
from typing_extensions import TypedDict

from ...approvals import Answer, Desk, chosen, is_asked_now, question_record
from ...errors import UsageError
from ..answer import answer
from ..described import NOT_CHANGED
from ..refusal import Refusal
from ..site import Here, RunName, Site
from ..start_request import AnswerRequest

router = APIRouter(tags=["approvals"])

_BY = "API"
"""Who has the token is not known by name."""

TaskInPath = Annotated[str, Path(min_length=1, max_length=500, description="The name of the task.")]


class WaitingBody(TypedDict):
    """A task that waits for a person."""

    run: str
    job: str
    task: str
    question: str
    since: str | None
    until: str | None
    otherwise: str
    is_running: bool


class WaitingList(TypedDict):
    """What waits, the oldest first."""

    items: list[WaitingBody]


class AnsweredBody(TypedDict):
    """What was answered. A run that has ended takes it when it is continued."""

    run: str
    task: str
    answer: str
    is_running: bool


@router.get("/approvals", operation_id="listApprovals", response_model=WaitingList, responses=NOT_CHANGED)
def list_approvals(request: Request, site: Here) -> Response:
    """The tasks that wait for a person, in all runs."""
    waiting = Desk(site.settings.root).waiting()
    body: WaitingList = {"items": [cast("WaitingBody", question_record(it)) for it in waiting]}
    return answer(request, body)


@router.post(
    "/runs/{run}/tasks/{task:path}/approve",
    operation_id="approveTask",
    response_model=AnsweredBody,
    summary="Approve Task",
)
def approve_task(request: Request, site: Here, run: RunName, task: TaskInPath, asked: AnswerRequest) -> Response:
    """Approve a task that waits for it: it starts."""
    return answer(request, _answered(site, run, task, "approved", asked.comment))


@router.post(
    "/runs/{run}/tasks/{task:path}/reject",
    operation_id="rejectTask",
    response_model=AnsweredBody,
    summary="Reject Task",
)
def reject_task(request: Request, site: Here, run: RunName, task: TaskInPath, asked: AnswerRequest) -> Response:
    """Reject a task that waits for an approval: it fails."""
    return answer(request, _answered(site, run, task, "rejected", asked.comment))


def _answered(site: Site, run: str, task: str, said: Literal["approved", "rejected"], comment: str) -> AnsweredBody:
    desk = Desk(site.settings.root)
    waiting = desk.waiting()
    id_ = run if any(it.run == run for it in waiting) else site.run(run).id  # a run may have no history
    try:
        question = chosen(waiting, id_, task)
        desk.put_answer(question, Answer(question.id, said, time.time(), _BY, comment))
    except UsageError as error:
        raise Refusal(409, str(error)) from error
    return {"run": id_, "task": task, "answer": said, "is_running": is_asked_now(question)}
