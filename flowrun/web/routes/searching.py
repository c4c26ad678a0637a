"""Search in everything that the server shows."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from ..answer import answer
from ..described import NOT_CHANGED
from ..search import SearchBody, search
from ..site import Here

router = APIRouter(tags=["search"])

_LINE = r"^[^\x00-\x08\x0a-\x1f\x7f]+$"
"""Without control characters but tabs: a line has no others."""


@router.get("/search", operation_id="search", response_model=SearchBody, responses=NOT_CHANGED)
def get_search(
    request: Request,
    site: Here,
    q: Annotated[str, Query(min_length=1, max_length=200, pattern=_LINE, description="This text, whatever its case.")],
    limit: Annotated[int, Query(ge=1, le=100, description="So many of each kind.")] = 20,
) -> Response:
    """Where a text stands: in names of jobs and tasks, in runs, and in what the newest runs have said."""
    return answer(request, search(site, q, limit))
