"""What the server says of itself."""

from __future__ import annotations

import os
import platform
import socket
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from fastapi import APIRouter, Request, Response
from typing_extensions import TypedDict

from ...file_size import file_size
from ...iso_time import iso
from ...version import __version__
from ..answer import answer
from ..described import NOT_CHANGED
from ..settings import Settings
from ..site import Here

router = APIRouter(tags=["server"])

_RETENTION = "nothing is deleted by itself; `flowrun clean` deletes old runs"


class MetaBody(TypedDict):
    """What a page must know before it asks for more."""

    version: str
    api: int
    project: str
    root: str
    host: str
    zone: str
    time: str
    read_only: bool
    token_needed_for: str
    has_redis: bool
    schema: str


class StoreBody(TypedDict):
    """The history as a file, what it holds, and what deletes from it. `logs_bytes` is a minute old at most."""

    path: str
    bytes: int
    waiting_bytes: int
    logs_bytes: int
    runs: int
    oldest: str | None
    retention: str
    notice: str


class SettingBody(TypedDict):
    """One setting of the server, and the option or variable with which it was given; `default`: with none."""

    name: str
    value: str
    origin: str


class SystemBody(TypedDict):
    """How the server and its store are."""

    version: str
    python: str
    started: str | None
    store: StoreBody
    viewers: int
    active_runs: int
    settings: list[SettingBody]


@router.get("/meta", operation_id="getMeta", response_model=MetaBody, responses=NOT_CHANGED)
def get_meta(request: Request, site: Here) -> Response:
    """What a page must know before it asks for more."""
    settings = site.settings
    body: MetaBody = {
        "version": __version__,
        "api": 1,
        "project": settings.root.name or str(settings.root),
        "root": str(settings.root),
        "host": socket.gethostname(),
        "zone": _zone(site.environ),
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "read_only": settings.is_read_only,
        "token_needed_for": settings.token_needed_for,
        "has_redis": bool(site.environ.get("FLOWRUN_REDIS_URL")),
        "schema": f"{settings.root_path}/api/v1/openapi.json",
    }
    return answer(request, body)


@router.get("/system", operation_id="getSystem", response_model=SystemBody, responses=NOT_CHANGED)
def get_system(request: Request, site: Here) -> Response:
    """How the server and its store are."""
    site.history.refresh()
    settings = site.settings
    state = settings.root / ".flowrun"
    extent = site.history.extent()
    body: SystemBody = {
        "version": __version__,
        "python": f"{platform.python_version()} ({sys.platform})",
        "started": iso(site.started),
        "store": {
            "path": ".flowrun/history.db",
            "bytes": file_size(state / "history.db") + file_size(state / "history.db-wal"),
            "waiting_bytes": _below(state / "history" / "spool"),
            "logs_bytes": site.log_size.bytes(),
            "runs": extent.runs,
            "oldest": iso(extent.oldest),
            "retention": _RETENTION,
            "notice": "; ".join(site.history.notices),
        },
        "viewers": site.feed.viewers,
        "active_runs": len(site.history.runs(state="running", limit=500).runs),
        "settings": _settings(settings),
    }
    return answer(request, body)


def _settings(settings: Settings) -> list[SettingBody]:
    needed = {"read": "to read and to change", "change": "to change", "nothing": "no"}[settings.token_needed_for]
    shown = {
        "project": ("directory", str(settings.root)),
        "host": ("host", settings.host),
        "port": ("port", str(settings.port)),
        "root path": ("root_path", settings.root_path or "/"),
        "allowed hosts": ("allowed", ", ".join(sorted(settings.allowed_hosts)) or "none"),
        "read only": ("read_only", "yes" if settings.is_read_only else "no"),
        "token needed": ("token_file", needed),
    }
    return [
        {"name": name, "value": value, "origin": settings.origins.get(given, "default")}
        for name, (given, value) in shown.items()
    ]


def _zone(environ: Mapping[str, str]) -> str:
    """The name of the local time zone, as `Europe/Vienna`; where it is not known, its short name."""
    if named := environ.get("TZ", "").lstrip(":"):
        return named
    try:
        found = str(Path("/etc/localtime").resolve()).partition("/zoneinfo/")[2]
    except OSError:
        found = ""
    return found or time.tzname[0]


def _below(directory: Path) -> int:
    try:
        with os.scandir(directory) as entries:
            return sum(file_size(Path(entry.path)) for entry in entries)
    except OSError:
        return 0
