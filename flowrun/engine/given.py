"""Given: what an attempt is given besides what the job file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ..dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Given:
    """What an attempt is given besides what the job file says."""

    encoded: Mapping[str, str] = field(default_factory=dict)
    """Parameters by name, for workers elsewhere."""
    live: Mapping[str, Any] = field(default_factory=dict)
    """Parameters by name, for workers in this process."""
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    """See `Attempt.secrets`."""
    declared: Mapping[str, Any] = field(default_factory=dict)
    """See `Attempt.declared`."""


NOTHING = Given()
