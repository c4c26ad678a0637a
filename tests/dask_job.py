"""Jobs of tests whose tasks go to a Dask cluster."""

from __future__ import annotations

from typing import Any

from .dask_cluster import DaskCluster
from .project import Project


def far(project: Project, task: str, **more: Any) -> dict[str, Any]:
    """A task for the executor `far`; workers know nothing of the environment of the test."""
    return {"task": task, "executor": "far", "env": {"MARKS": project.environment["MARKS"]}, **more}


def job(project: Project, cluster: DaskCluster | str, tasks: dict[str, Any], **parameters: Any) -> None:
    """A job with an executor `far` on a cluster."""
    address = cluster if isinstance(cluster, str) else cluster.address
    executor = {"executor": "dask", "parameters": {"address": address, **parameters}}
    project.job(tasks, executors={"far": executor})
