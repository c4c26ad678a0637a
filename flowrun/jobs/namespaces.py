"""Namespaces: jobs by name, so that modules can add tasks to one without handing it around."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ..errors import UsageError

if TYPE_CHECKING:
    from .job import Job

DEFAULT = "default"

_active: ContextVar[str] = ContextVar("flowrun_namespace", default=DEFAULT)
_jobs: dict[str, Job] = {}  # a registry: one for the process


def active_namespace() -> str:
    """The innermost `use_namespace` around this; `default` without one."""
    return _active.get()


@contextmanager
def use_namespace(name: str) -> Iterator[Job]:
    """In here `task` means the job of this namespace, which is made if there is none."""
    job = _made(name)
    token = _active.set(name)
    try:
        yield job
    finally:
        _active.reset(token)


def task(target: Any = None, /, *, namespace: str | None = None, **keys: Any) -> Any:
    """Add the function or class below to the job of a namespace, or of the active one; else as `Job.task`."""
    return _made(namespace or active_namespace()).task(target, **keys)


def job_of(namespace: str | None = None) -> Job:
    """The job of a namespace, or of the active one. Raises UsageError if nothing was ever added to it."""
    name = namespace or active_namespace()
    if name not in _jobs:
        there = ", ".join(_jobs) or "none yet"
        raise UsageError(f"there is no namespace {name!r}; there are: {there}")
    return _jobs[name]


def clear_namespace(name: str | None = None) -> None:
    """Forget the job of a namespace, or of all."""
    if name is None:
        _jobs.clear()
    else:
        _jobs.pop(name, None)


def _made(name: str) -> Job:
    from .job import Job

    if name not in _jobs:
        _jobs[name] = Job(name)
    return _jobs[name]
