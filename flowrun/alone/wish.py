"""Wish: which task is to be performed alone, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..dataclass import dataclass

LAST = "@last"
"""Names the newest unfinished run."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which task is to be performed alone, and how."""

    task: str
    """A task, or an item of a fan."""
    run: str
    """Results and shared values are those of this unfinished run, which may be `LAST`; empty: there are none."""
    inputs: Mapping[str, Any]
    """Values of parameters, in place of what the job says."""
    executor: str
    """Empty: its own."""
    debugs: bool
    """It is performed in this process, and where it raises the debugger opens on the terminal."""
