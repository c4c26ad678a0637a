"""Runs: what they came to, what they were told to do, and what has changed since the last good one."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from ...errors import UsageError
from ...history.rows import RunRow
from ..answer import answer, answer_with, as_json
from ..changes import ChangesBody, changes
from ..definition_form import DefinitionBody, of_history
from ..described import NOT_CHANGED
from ..event_form import EventPage, event_body
from ..graph_form import GraphBody, graph_body
from ..refusal import Refusal
from ..run_alone import run_alone
from ..run_form import RunBody, RunPageBody, run_summaries
from ..site import Here, Site, TheRun
from ..value_form import ValuesBody, values_body

router = APIRouter(tags=["runs"], responses=NOT_CHANGED)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SINCE = r"^(\d{1,6}[smhdw]|\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?)$"

Status = Literal["running", "completed", "failed", "stopped", "interrupted"]


@router.get("/runs", operation_id="listRuns", response_model=RunPageBody)
def list_runs(
    request: Request,
    site: Here,
    job: Annotated[str | None, Query(max_length=500, description="Runs of this job.")] = None,
    status: Annotated[Status | None, Query(description="Runs with this status.")] = None,
    since: Annotated[str | None, Query(pattern=_SINCE, description="Begun since, as `7d` or a time.")] = None,
    label: Annotated[str | None, Query(max_length=500, description="With this label, as `KEY` or `KEY=VALUE`.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
) -> Response:
    """Runs, the newest first."""
    site.history.refresh()
    try:
        page = site.history.runs(job=job, state=status, since=_since(since), label=label, limit=limit, cursor=cursor)
    except UsageError as error:
        raise Refusal(404, str(error)) from error
    body: RunPageBody = {"items": run_summaries(page.runs), "next": page.next}
    return answer(request, body)


@router.get("/runs/{run}", operation_id="getRun", response_model=RunBody)
def get_run(request: Request, site: Here, run: TheRun) -> Response:
    """One run, with its cause and what can be done with it."""
    return answer_with(request, site.runs.of(run, lambda: as_json(run_alone(run, site))))


@router.get("/runs/{run}/events", operation_id="listEvents", response_model=EventPage)
def list_events(
    request: Request,
    site: Here,
    run: TheRun,
    after: Annotated[int, Query(ge=0, le=2**62, description="`next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=5000)] = 200,
) -> Response:
    """What happened in a run, in order."""
    events = site.history.events(run.id, after=after, limit=limit)
    is_full = len(events) == limit
    body: EventPage = {
        "items": [event_body(event) for event in events],
        "next": events[-1].seq if is_full else None,
    }
    return answer(request, body)


@router.get("/runs/{run}/graph", operation_id="getRunGraph", response_model=GraphBody)
def get_graph(request: Request, site: Here, run: TheRun) -> Response:
    """The tasks of a run and what they depend on, without states."""
    return answer(request, graph_body(site.history.graph(run.id)))


@router.get("/runs/{run}/values", operation_id="getValues", response_model=ValuesBody)
def get_values(request: Request, site: Here, run: TheRun) -> Response:
    """What the tasks of a run returned, and the values that they share. Secrets are hidden."""
    return answer(request, values_body(site.history.values(run.id)))


@router.get("/runs/{run}/definition", operation_id="getRunDefinition", response_model=DefinitionBody)
def get_definition(request: Request, site: Here, run: TheRun) -> Response:
    """The job definition as the run had it, merged, and where each value was written."""
    return answer(request, of_history(site.history.graph(run.id)))


@router.get("/runs/{run}/changes", operation_id="getChanges", response_model=ChangesBody)
def get_changes(
    request: Request,
    site: Here,
    run: TheRun,
    against: Annotated[str, Query(max_length=200, description="The other run.")] = "@last-good",
) -> Response:
    """What is different from another run, mostly the last good one before it."""
    return answer(request, changes(site.history, run, _other(site, run, against)))


def _other(site: Site, run: RunRow, against: str) -> RunRow | None:
    if against != "@last-good":
        return site.run(against)
    return site.history.last_good_before(run)


def _since(text: str | None) -> float | None:
    if text is None:
        return None
    if re.fullmatch(r"\d+[smhdw]", text):
        return time.time() - int(text[:-1]) * _UNITS[text[-1]]
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        raise Refusal(404, f"there is no such time: {text}") from None
