"""The jobs that have names, and the directories in which names are looked up, as `flowrun list` shows them."""

from __future__ import annotations

import os
from typing import Any

from ..job_library import JobLibrary, NamedJob, Shelf
from .printable import harmless

LIBRARY_KINDS = ("jobs", "paths")
"""What `flowrun list` shows of the library when it is asked for."""


def library_text(kind: str, library: JobLibrary) -> str:
    """One line for each."""
    rows = [_job_line(job) for job in library.jobs()] if kind == "jobs" else [_path_line(it) for it in library.shelves]
    return "\n".join([kind, *(rows or ["  none"])])


def library_records(kind: str, library: JobLibrary) -> list[dict[str, Any]]:
    """The same for programs."""
    if kind == "jobs":
        return [
            {
                "name": job.name,
                "path": os.path.abspath(job.path),
                "origin": job.origin,
                "package": job.package or None,
                "shadowed": job.is_shadowed,
            }
            for job in library.jobs()
        ]
    return [
        {
            "path": os.path.abspath(shelf.directory),
            "origin": shelf.origin,
            "package": shelf.package or None,
            "exists": shelf.directory.is_dir(),
        }
        for shelf in library.shelves
    ]


def _job_line(job: NamedJob) -> str:
    shadowed = "   shadowed: another job of this name stands above" if job.is_shadowed else ""
    return f"  {harmless(job.name)}   {harmless(job.path)}   {_origin(job)}{shadowed}"


def _path_line(shelf: Shelf) -> str:
    missing = "" if shelf.directory.is_dir() else "   does not exist"
    return f"  {harmless(shelf.directory)}   {_origin(shelf)}{missing}"


def _origin(it: NamedJob | Shelf) -> str:
    return f"{it.origin} {harmless(it.package)}" if it.package else it.origin
