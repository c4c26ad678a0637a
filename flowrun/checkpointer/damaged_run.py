"""DamagedRun: a run that is kept but cannot be read; there is nothing to do with it but to clear it."""

from __future__ import annotations

from typing import NamedTuple


class DamagedRun(NamedTuple):
    """A run that cannot be continued."""

    run_id: str
    name: str
    """The job, as far as it can be told."""
    place: str
    """What is removed when the run is cleared, in words of the checkpointer."""
    why: str
    """What is wrong with it, with its place."""
