"""Workers and queues of remote executors, as Redis knows them."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from typing_extensions import TypedDict

from ..answer import answer
from ..described import NOT_CHANGED
from ..redis_view import QueueBody, WorkerBody, look
from ..site import Here

router = APIRouter(tags=["workers"])


class WorkerList(TypedDict):
    """The workers that are alive. `notice` says why there is nothing, if it cannot be asked."""

    is_configured: bool
    notice: str
    items: list[WorkerBody]


class QueueList(TypedDict):
    """The queues, and what waits in them."""

    is_configured: bool
    notice: str
    items: list[QueueBody]


@router.get("/workers", operation_id="listWorkers", response_model=WorkerList, responses=NOT_CHANGED)
async def list_workers(request: Request, site: Here) -> Response:
    """The workers that are alive."""
    seen = await look(site.environ)
    body: WorkerList = {"is_configured": seen.is_configured, "notice": seen.notice, "items": seen.workers}
    return answer(request, body)


@router.get("/queues", operation_id="listQueues", response_model=QueueList, responses=NOT_CHANGED)
async def list_queues(request: Request, site: Here) -> Response:
    """The queues, and what waits in them."""
    seen = await look(site.environ)
    body: QueueList = {"is_configured": seen.is_configured, "notice": seen.notice, "items": seen.queues}
    return answer(request, body)
