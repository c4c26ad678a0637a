"""Card: what a worker says of itself in Redis."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import field
from secrets import token_hex
from typing import Any

from ..dataclass import dataclass
from ..frq.fields import Fields
from ..frq.fleet import Worker
from ..version import __version__

_LONGEST_HOST = 40


def worker_name() -> str:
    """A name for this start of a worker: host, process, and what makes it new."""
    return f"{_host()}-{os.getpid()}-{token_hex(4)}"


@dataclass(frozen=True, slots=True)
class Card:
    """What a worker says of itself."""

    name: str
    slots: int
    started_ms: int
    handlers: Mapping[str, Any]
    state: str
    """`working`, `paused` or `ending`."""
    labels: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> Fields:
        """The fields of its hash. How many attempts are running comes with each heartbeat."""
        worker = Worker(
            name=self.name,
            slots=self.slots,
            handlers=self.handlers,
            version=__version__,
            host=_host(),
            pid=os.getpid(),
            started_ms=self.started_ms,
            state=self.state,
            labels=self.labels,
        )
        return worker.fields()


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname())[:_LONGEST_HOST] or "host"
