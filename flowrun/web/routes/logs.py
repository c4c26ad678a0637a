"""Logs: lines of one task or of all by time, and the files as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from ...history.rows import RunRow
from ..answer import answer
from ..described import NOT_CHANGED
from ..log_line import shown
from ..log_page import (
    FirstErrorBody,
    LogPageBody,
    MarksBody,
    first_error,
    marks,
    page_before,
    page_from,
    wanting,
)
from ..log_pieces import LogPieces
from ..refusal import Refusal
from ..site import Here, Site, TheRun
from .tasks import the_task

router = APIRouter(tags=["logs"])

Task = Annotated[str, Query(max_length=500, description="Of this task; without it, of all tasks by time.")]
Level = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
Place = Annotated[int, Query(ge=0, le=2**62)]

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@router.get("/runs/{run}/log", operation_id="readLog", response_model=LogPageBody, responses=NOT_CHANGED)
def read_log(
    request: Request,
    site: Here,
    run: TheRun,
    task: Task = "",
    attempt: Annotated[int, Query(ge=0, le=100_000, description="Of this attempt of the task; 0: of all.")] = 0,
    offset: Annotated[int, Query(ge=0, le=2**62, description="From the line in which this place is.")] = 0,
    before: Annotated[int | None, Query(ge=0, le=2**62, description="The lines before this place.")] = None,
    tail: Annotated[int | None, Query(ge=1, le=5000, description="The last lines.")] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
    level: Annotated[Level | None, Query(description="Lines of this level and above.")] = None,
    text: Annotated[str, Query(max_length=500, description="Lines with this text, whatever its case.")] = "",
) -> Response:
    """Some lines: from a place on, before a place, or the last ones."""
    pieces = _pieces(site, run, task, attempt)
    wants = wanting(level or "", text)
    if tail is not None:
        page = page_before(pieces, pieces.size, tail, wants)
    elif before is not None:
        page = page_before(pieces, before, limit, wants)
    else:
        page = page_from(pieces, offset, limit, wants)
    return answer(request, page)


@router.get("/runs/{run}/log/marks", operation_id="getLogMarks", response_model=MarksBody, responses=NOT_CHANGED)
def get_marks(request: Request, site: Here, run: TheRun, task: Task = "") -> Response:
    """Where every 1,000th line begins."""
    return answer(request, marks(_pieces(site, run, task)))


@router.get(
    "/runs/{run}/log/first-error", operation_id="findFirstError", response_model=FirstErrorBody, responses=NOT_CHANGED
)
def find_first_error(request: Request, site: Here, run: TheRun, task: Task = "", after: Place = 0) -> Response:
    """Where the first line of level ERROR or above begins."""
    return answer(request, first_error(_pieces(site, run, task), after))


@router.get(
    "/runs/{run}/log/raw",
    operation_id="downloadLog",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "The log as text."},
        206: {
            "content": {"text/plain": {"schema": {"type": "string"}}},
            "description": "The bytes that were asked for.",
        },
    },
)
def download_log(request: Request, site: Here, run: TheRun, task: Task = "", download: bool = False) -> Response:
    """The log of a task as it is in its file, or a range of its bytes; without a task that of all by time."""
    pieces = _pieces(site, run, task)
    headers = {"Cache-Control": "no-store"}
    if download:
        headers["Content-Disposition"] = f'attachment; filename="{_file_name(run, task)}"'
    if not task:
        return StreamingResponse(_merged(pieces), 200, headers, "text/plain; charset=utf-8")
    begin, end = _range(request.headers.get("range"), pieces.size)
    headers |= {"Accept-Ranges": "bytes", "Content-Length": str(end - begin)}
    is_part = (begin, end) != (0, pieces.size)
    if is_part:
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{pieces.size}"
    return StreamingResponse(pieces.text(begin, end), 206 if is_part else 200, headers, "text/plain; charset=utf-8")


def _pieces(site: Site, run: RunRow, task: str, attempt: int = 0) -> LogPieces:
    if task:
        the_task(site, run, task)
    return site.logs.pieces(run.id, task, attempt if task else 0)


def _merged(pieces: LogPieces) -> Iterator[bytes]:
    """Every line with the name of its task before it."""
    for line in pieces.lines(0):
        yield f"{pieces.sources[line.source].task} | {shown(line.data)}\n".encode("utf-8", "replace")


def _range(header: str | None, size: int) -> tuple[int, int]:
    """Begin and end of the bytes that are asked for. Raises Refusal for what there is not, and for several ranges."""
    if header is None:
        return 0, size
    found = _RANGE.fullmatch(header.strip())
    if found is None or not (found[1] or found[2]):
        raise _no_such_range(size)
    if not found[1]:
        begin, end = max(0, size - int(found[2])), size
    else:
        begin, end = int(found[1]), min(size, int(found[2]) + 1 if found[2] else size)
    if begin >= end:
        raise _no_such_range(size)
    return begin, end


def _no_such_range(size: int) -> Refusal:
    return Refusal(416, "there is no such range, or there are several", headers={"Content-Range": f"bytes */{size}"})


def _file_name(run: RunRow, task: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_.-]", "_", f"{run.job}-{run.id}{'-' + task if task else ''}")
    return f"{plain[:150]}.log"
