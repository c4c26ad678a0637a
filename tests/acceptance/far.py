"""Far: a project whose tasks are performed by workers over Redis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ..project import Finished, Project, Started
from ..redis_server import RedisServer

SHORT_LEASE = "1s"
"""For what is about loss: it is taken over soon. A machine that is busy for a second loses healthy workers with it."""


class Far:
    """A project whose tasks are performed by workers that serve a queue of its own."""

    def __init__(self, project: Project, server: RedisServer, queue: str, lease: str = "15s") -> None:
        self.project = project
        self.server = server
        self.queue = queue
        self.lease = lease
        project.environment["FLOWRUN_REDIS_URL"] = server.url

    def worker(self, *arguments: str, environment: Mapping[str, str] = {}) -> Started:
        """Start a worker."""
        env = {**self.project.environment, **environment}
        before = self.project.environment
        self.project.environment = env
        try:
            ours = ("--queue", self.queue, "--slots", "4", "--lease", self.lease)
            return self.project.command("worker", *ours, *arguments)
        finally:
            self.project.environment = before

    def job(self, tasks: Mapping[str, Any], parameters: Mapping[str, Any] | None = None, **sections: Any) -> None:
        """Write a job whose tasks all go to the queue."""
        entries = {name: {"task": task} if isinstance(task, str) else task for name, task in tasks.items()}
        settings = {"queue": self.queue, "lease": self.lease, **(parameters or {})}
        self.project.job(
            {name: {"executor": "far", **entry} for name, entry in entries.items()},
            executors={"far": {"executor": "redis", "parameters": settings}},
            **sections,
        )

    def kept(self) -> list[str]:
        """What Redis keeps of the queue."""
        with self.server.client() as client:
            return sorted(client.scan_iter(f"*{{{self.queue}}}*"))

    def waiting(self) -> list[dict[str, str]]:
        """The attempts in the queue."""
        with self.server.client() as client:
            return [fields for _entry, fields in client.xrange(f"flowrun:{{{self.queue}}}:tasks")]


LOSES_WORKERS = pytest.mark.usefixtures("short_lease")


def notices(run: Started | Finished) -> str:
    """What was said to the person at the terminal, so far."""
    text = run.so_far() if isinstance(run, Started) else run.text
    return "\n".join(line for line in text.splitlines() if "Redis" in line or "worker" in line)
