"""WorkerSettings: how a worker is to work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from ..dataclass import dataclass
from ..errors import UsageError
from .crew import Isolation

_SHORTEST_LEASE_SECONDS, _LONGEST_LEASE_SECONDS = 1.0, 600.0


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How a worker is to work."""

    root: Path
    """The project root."""
    directories: tuple[str, ...] = ()
    """Searched for tasks too."""
    packages: tuple[str, ...] = ()
    slots: int = 1
    """Attempts at the same time."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What is said of the worker where workers are shown."""
    isolation: Isolation = "process"
    lease: float = 15.0
    """Seconds after which an entry that nobody renews goes to another worker."""
    grace: float = 25.0
    """Seconds that attempts have when the worker is told to end."""
    max_tasks: int | None = None
    """The worker ends after so many attempts."""
    listen: tuple[str, int] | None = None
    """Where probes are answered."""
    hmac_key_file: Path | None = None
    reload: bool = True
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Where secrets of tasks are found, by name."""

    def refuse_impossible(self) -> None:
        """Raise UsageError for what the protocol does not allow."""
        if not _SHORTEST_LEASE_SECONDS <= self.lease <= _LONGEST_LEASE_SECONDS:
            raise UsageError(f"--lease is 1s to 10m, not {self.lease:g}s")
