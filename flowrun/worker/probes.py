"""Probes: what a worker answers to those who look after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .endpoint import Answer, Page
from .metrics import CONTENT_TYPE, Metrics


class Probed(Protocol):
    """A worker, as it is looked after."""

    @property
    def is_healthy(self) -> bool:
        """Its heart has beaten within a lease."""

    @property
    def is_ready(self) -> bool:
        """It takes attempts."""


def pages_of(worker: Probed, metrics: Metrics) -> Mapping[str, Page]:
    """The pages of the endpoint of a worker."""
    return {
        "/healthz": lambda: _said(worker.is_healthy, "healthy", "Redis has not answered for a lease"),
        "/readyz": lambda: _said(worker.is_ready, "ready", "takes no attempts: Redis is away, or it is paused or ends"),
        "/metrics": lambda: Answer(200, metrics.text(), CONTENT_TYPE),
    }


def _said(is_well: bool, good: str, bad: str) -> Answer:
    return Answer(200, f"{good}\n".encode()) if is_well else Answer(503, f"{bad}\n".encode())
