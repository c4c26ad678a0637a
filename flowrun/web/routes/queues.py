"""What work waits for: workers and queues of remote executors, as Redis knows them, and pools of runs."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from typing_extensions import TypedDict

from ..answer import answer
from ..described import NOT_CHANGED
from ..draining import DrainBody, drain
from ..pools import PoolBody, pools_now
from ..redis_view import QueueBody, WorkerBody, look
from ..site import Here
from ..start_request import DrainRequest

router = APIRouter(tags=["workers"])

WorkerName = Annotated[str, Path(max_length=200, description="The `id` of a worker.")]


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


class PoolList(TypedDict):
    """The pools that tasks of running jobs use."""

    items: list[PoolBody]


@router.get("/workers", operation_id="listWorkers", response_model=WorkerList, responses=NOT_CHANGED)
async def list_workers(request: Request, site: Here) -> Response:
    """The workers that are alive."""
    seen = await look(site.environ)
    body: WorkerList = {"is_configured": seen.is_configured, "notice": seen.notice, "items": seen.workers}
    return answer(request, body)


@router.post("/workers/{worker}/drain", operation_id="drainWorker", response_model=DrainBody, status_code=202)
async def drain_worker(request: Request, site: Here, worker: WorkerName, asked: DrainRequest) -> Response:
    """Have a worker end: it takes nothing more, and gives back what has not ended in time."""
    return answer(request, await drain(site.environ, worker, asked.grace_seconds), 202)


@router.get("/queues", operation_id="listQueues", response_model=QueueList, responses=NOT_CHANGED)
async def list_queues(request: Request, site: Here) -> Response:
    """The queues, and what waits in them."""
    seen = await look(site.environ)
    body: QueueList = {"is_configured": seen.is_configured, "notice": seen.notice, "items": seen.queues}
    return answer(request, body)


@router.get("/pools", operation_id="listPools", response_model=PoolList, responses=NOT_CHANGED)
def list_pools(request: Request, site: Here) -> Response:
    """The pools of the runs that go on: who has a slot, who waits for one, and for how long."""
    site.history.refresh()
    body: PoolList = {"items": pools_now(site.history, site.environ, time.time())}
    return answer(request, body)
