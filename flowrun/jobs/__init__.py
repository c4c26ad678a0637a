"""Jobs that are written in Python."""

from __future__ import annotations

from .group import Group, Parallel, Serial
from .job import Job
from .member import Member
from .namespaces import active_namespace, clear_namespace, job_of, task, use_namespace

__all__ = [
    "Group",
    "Job",
    "Member",
    "Parallel",
    "Serial",
    "active_namespace",
    "clear_namespace",
    "job_of",
    "task",
    "use_namespace",
]
