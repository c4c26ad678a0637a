"""The history that is meant where a job may be named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .options import is_name, source_of
from .output import Output
from .past_runs import opened_history

if TYPE_CHECKING:
    from ..app import OpenJob
    from ..history.reader import History


def history_of_job(given: dict[str, Any], output: Output) -> tuple[History, str | None]:
    """The history of the project, and the name of the job of which runs are meant; None: of every job."""
    named = _named(given)
    job = opened_job(given).name if named is not None else None
    return opened_history(_root(named, given["directory"]), output), job


def opened_job(given: dict[str, Any]) -> OpenJob:
    """The job that is named."""
    from ..app import open_job

    return open_job(source_of({"named": None, **given}))


def _named(given: dict[str, Any]) -> str | None:
    named: str | None = given["job"] or given.get("named")
    return named


def _root(named: str | None, directory: Path | None) -> Path | None:
    from ..project_root import find_root

    if directory is not None or named is None or is_name(named) or ":" in named:
        return directory
    return find_root(Path(named), Path.cwd())
