"""Answers in JSON: with an ETag, so that what has not changed is not sent again, and packed if that is wanted."""

from __future__ import annotations

import gzip
import json
from hashlib import blake2b
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

_WORTH_PACKING = 1024


def answer(request: Request, body: Any, status: int = 200) -> Response:
    """The answer with this body; 304 if the caller has it."""
    return answer_with(request, as_json(body), status)


def answer_with(request: Request, data: bytes, status: int = 200) -> Response:
    """The same with a body that is JSON text already."""
    tag = etag_of(data)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Authorization"}
    if status == 200 and has(request, tag):
        return Response(status_code=304, headers=headers)
    if len(data) > _WORTH_PACKING and "gzip" in request.headers.get("accept-encoding", ""):
        data = gzip.compress(data, 1)
        headers["Content-Encoding"] = "gzip"
    return Response(data, status, headers, "application/json")


def as_json(body: Any) -> bytes:
    """The text that travels. What is no JSON, as a half of a surrogate pair in the name of a task, is replaced."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def etag_of(data: bytes) -> str:
    """What stands for these bytes; weak, for it says nothing about how they are packed."""
    return f'W/"{blake2b(data, digest_size=12).hexdigest()}"'


def has(request: Request, tag: str) -> bool:
    """Whether the caller has what this ETag stands for."""
    wanted = request.headers.get("if-none-match", "")
    return wanted.strip() == "*" or tag.removeprefix("W/") in (
        one.strip().removeprefix("W/") for one in wanted.split(",")
    )
