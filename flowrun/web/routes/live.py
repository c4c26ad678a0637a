"""The stream of what happens, for those who watch."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from ..event_stream import EventStream
from ..refusal import Refusal
from ..site import Here

router = APIRouter(tags=["live"])

_IDENTITY = re.compile(r"[^:]*:(\d{1,18})")


@router.get(
    "/stream",
    operation_id="watch",
    response_class=EventStream,
    status_code=200,
    responses={
        200: {
            "description": "Events `hello`, `run`, `tasks`, `progress`, `approval`, `log`, `end`, as they happen.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
def watch(
    site: Here,
    run: Annotated[str, Query(max_length=200, description="This run with its tasks; without it, all runs.")] = "",
    after: Annotated[int | None, Query(ge=0, le=2**62, description="What came after this event comes first.")] = None,
    last_event_id: Annotated[str, Header(max_length=200, description="The same, as browsers send it.")] = "",
) -> Response:
    """What happens, as server-sent events. What they say is absolute, and may be heard twice."""
    if last_event_id:
        found = _IDENTITY.fullmatch(last_event_id)
        if found is None:
            raise Refusal(404, "there is no event with that id")
        after = int(found[1])
    return EventStream(site.feed.watching(site.id_of(run) if run else None, after))
