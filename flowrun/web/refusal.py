"""Refusal: why a request gets no answer, in the form of problem+json (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NotRequired

from starlette.exceptions import HTTPException
from starlette.responses import Response
from typing_extensions import TypedDict

MEDIA_TYPE = "application/problem+json"


class ProblemBody(TypedDict):
    """One mistake in a job file."""

    code: str
    message: str
    file: str
    line: int
    column: int
    path: str
    hint: str
    notes: list[str]


class RefusalBody(TypedDict):
    """What every answer looks like that is no success."""

    type: str
    title: str
    status: int
    detail: str
    problems: NotRequired[list[ProblemBody]]


class Refusal(HTTPException):
    """Raised where a request cannot be answered."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        problems: Sequence[Any] = (),
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.problems = list(problems)

    def body(self) -> bytes:
        """The JSON form."""
        about: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status_code).phrase,
            "status": self.status_code,
            "detail": self.detail,
        }
        if self.problems:
            about["problems"] = self.problems
        return json.dumps(about, ensure_ascii=False).encode("utf-8", "replace")

    def response(self) -> Response:
        """The answer."""
        return Response(
            self.body(), self.status_code, {**(self.headers or {}), "Cache-Control": "no-store"}, MEDIA_TYPE
        )
