"""How: what `Job.run` takes besides tasks and values, for type checkers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from ..checkpointer.checkpointer import Checkpointer
    from ..loggers.logger import Logger


class How(TypedDict, total=False):
    """How a run differs from what the job says."""

    max_concurrency: int | None
    fail_fast: bool | None
    timeout: float | None
    """Seconds after which the job is stopped."""
    restart: bool | str
    """True: continue the newest unfinished run; text: the one whose id begins so."""
    checkpoint: bool | Checkpointer
    """True: the run is kept by the checkpointer of the job."""
    loggers: bool | Mapping[str, Logger]
    """True: the logs that the job names are written."""
