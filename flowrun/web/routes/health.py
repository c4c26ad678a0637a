"""Whether the server is there, whether it can answer, and its numbers."""

from __future__ import annotations

import json

from fastapi import APIRouter, Response

from ...errors import StateError
from ..described import REFUSALS
from ..metrics import metrics
from ..refusal import Refusal
from ..site import Here

router = APIRouter(tags=["health"], responses=REFUSALS)

_JSON = {"content": {"application/json": {"schema": {"type": "object"}}}}
_TEXT = {"content": {"text/plain": {"schema": {"type": "string"}}}}


@router.get(
    "/healthz", operation_id="isAlive", response_class=Response, responses={200: {**_JSON, "description": "Yes."}}
)
async def is_alive() -> Response:
    """Whether the server is there."""
    return _said("ok")


@router.get(
    "/readyz", operation_id="isReady", response_class=Response, responses={200: {**_JSON, "description": "Yes."}}
)
def is_ready(site: Here) -> Response:
    """Whether the server can answer: the history can be read."""
    try:
        site.history.refresh()
        site.history.runs(limit=1)
    except StateError as error:
        raise Refusal(503, str(error)) from error
    return _said("ready")


@router.get(
    "/metrics",
    operation_id="getMetrics",
    response_class=Response,
    responses={200: {**_TEXT, "description": "Numbers."}},
)
def get_metrics(site: Here) -> Response:
    """Numbers for Prometheus."""
    return metrics(site)


def _said(status: str) -> Response:
    return Response(
        json.dumps({"status": status}), headers={"Cache-Control": "no-store"}, media_type="application/json"
    )
