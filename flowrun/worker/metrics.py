"""Metrics: what a worker counts, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120, 600, 3600)


class Metrics:
    """The counts of one worker. Each has the name of the attribute behind `flowrun_worker_`."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        tasks = self._counter("tasks", "Attempts that ended here, by how they ended.", "handler", "status")
        self.tasks = cache(tasks.labels)  # there are few handlers, and very many attempts
        task_seconds = Histogram(
            "flowrun_worker_task_seconds",
            "How long attempts took.",
            ("handler",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.task_seconds = cache(task_seconds.labels)
        self.fenced = self._counter("fenced", "Results that came too late: somebody else has the attempt.")
        self.reclaimed = self._counter("reclaimed", "Attempts taken over from workers that were lost.")
        self.released = self._counter("released", "Attempts given back.")
        self.redis_errors = self._counter("redis_errors", "Calls that Redis did not answer well.")
        self.log_dropped = self._counter("log_dropped", "Lines that attempts printed beyond the limit.")

    def show(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Show what is asked for whenever somebody looks."""
        Gauge(f"flowrun_worker_{name}", text, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """All of them, in the text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"flowrun_worker_{name}", text, labels, registry=self._registry)
