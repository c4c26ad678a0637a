"""The application: routes, refusals, and the guard before all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp

from ..errors import StateError, UsageError
from ..version import __version__
from .described import REFUSALS, SCHEMAS
from .guard import Guard, needs_token
from .refusal import ProblemBody, Refusal
from .routes import (
    actions,
    approvals,
    health,
    jobs,
    live,
    logs,
    pages,
    queues,
    runs,
    searching,
    server,
    starting,
    tasks,
)
from .settings import Settings
from .site import Site

Report = Callable[[str, BaseException], None]
"""Told of a mistake in flowrun itself, and while what was asked for it was made."""

_ROUTERS = (
    server.router,
    runs.router,
    tasks.router,
    logs.router,
    jobs.router,
    starting.router,
    actions.router,
    approvals.router,
    queues.router,
    searching.router,
    live.router,
)
_PREFIX = "/api/v1"
_ABOUT = "What happened in the runs of a project, what happens now, and new runs."


def application(site: Site, report: Report) -> ASGIApp:
    """Everything that answers, for one site."""
    app = FastAPI(
        title="flowrun",
        version=__version__,
        description=_ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.site = site
    for router in _ROUTERS:
        app.include_router(router, prefix=_PREFIX, responses=REFUSALS)
    app.include_router(health.router)
    specification = _specification(app, site)
    for path in (f"{_PREFIX}/openapi.json", "/api/openapi.json"):
        app.add_api_route(path, specification, include_in_schema=False)
    app.include_router(pages.router_of(site.settings.root_path), include_in_schema=False)
    _answer_refusals(app, report)
    return Guard(app, site.settings)


def _specification(app: FastAPI, site: Site) -> Callable[[Request], Response]:
    made: dict[str, Any] = {}

    def specification(request: Request) -> Response:
        from .answer import answer

        if not made:
            made.update(get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes))
            schemas = made.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(SCHEMAS)
            made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            _say_where_the_token_is_needed(made["paths"], site.settings)
        return answer(request, made)

    return specification


def _say_where_the_token_is_needed(paths: dict[str, dict[str, Any]], settings: Settings) -> None:
    for path, operations in paths.items():
        for method, operation in operations.items():
            if needs_token(method.upper(), path, settings):
                operation["security"] = [{"token": []}]


def _answer_refusals(app: FastAPI, report: Report) -> None:
    """Whatever goes wrong is answered as problem+json."""

    @app.exception_handler(HTTPException)
    async def refused(_request: Request, error: HTTPException) -> Response:
        if isinstance(error, Refusal):
            return error.response()
        return Refusal(error.status_code, str(error.detail), headers=error.headers).response()

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        found = [_problem(".".join(map(str, one["loc"])), str(one["msg"])) for one in error.errors()]
        said = "; ".join(f"{one['path']}: {one['message']}" for one in found[:3])
        return Refusal(422, f"the request is not as it should be: {said}", problems=found).response()

    @app.exception_handler(StateError)
    async def unreadable(_request: Request, error: StateError) -> Response:
        return Refusal(503, str(error)).response()

    @app.exception_handler(UsageError)
    async def unknown(_request: Request, error: UsageError) -> Response:
        return Refusal(404, str(error)).response()

    @app.exception_handler(Exception)
    async def mistaken(request: Request, error: Exception) -> Response:
        report(f"{request.method} {request.scope['path']}", error)
        return Refusal(500, "flowrun made a mistake; a report of it was written where the server runs").response()


def _problem(path: str, message: str) -> ProblemBody:
    """A mistake in a request."""
    return {
        "code": "",
        "message": message,
        "file": "",
        "line": 0,
        "column": 0,
        "path": path,
        "hint": "",
        "notes": [],
    }
