"""The page: one file for all addresses, which itself knows what to show, and the files that it loads."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ..refusal import Refusal
from ..static_files import StaticFiles

_PLACES = ("today", "jobs", "runs", "approvals", "workers", "queues", "system", "search")


def router_of(root_path: str) -> APIRouter:
    """The routes of the page behind this path of a proxy."""
    router = APIRouter()
    files = StaticFiles(root_path)

    @router.get("/")
    def index(request: Request) -> Response:
        return files.index(request)

    @router.get("/favicon.ico")
    def icon(request: Request) -> Response:
        return files.file(request, "icon.svg")

    @router.get("/static/{name:path}")
    def file(request: Request, name: str) -> Response:
        return files.file(request, name)

    for place in _PLACES:
        router.add_api_route(f"/{place}", index, methods=["GET"])
        router.add_api_route(f"/{place}/{{rest:path}}", index, methods=["GET"])

    @router.get("/{rest:path}")
    def nowhere(request: Request, rest: str) -> Response:
        if rest.startswith(("api/", "static/")) or "text/html" not in request.headers.get("accept", ""):
            raise Refusal(404, "there is nothing at this address")
        return files.nowhere()

    return router
