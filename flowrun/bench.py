"""Bench: what an attempt hands to the task it performs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .dataclass import dataclass
from .eventbus.log import LogWriter

if TYPE_CHECKING:
    from .addition import Additions
    from .eventbus.progress import Progress


@dataclass(frozen=True, slots=True)
class TaskMetadata:
    """Who a task is and which try this is."""

    name: str = "unnamed"
    variant: str = "unknown"
    depends_on: list[str] = field(default_factory=list)
    attempt: int = 1
    run_id: str = ""
    job: str = ""
    """The name of the job."""
    root: Path = Path()
    """The project root."""
    idempotency_key: str = ""
    """The same for all attempts of the task in a run, after a restart too."""


def _say_nothing(_severity: object, _message: str) -> None:
    """Where the messages of a task go that nobody performs."""


def _never() -> bool:
    return False


def tell_nobody(_progress: object) -> None:
    """Where the progress of a task goes that nobody performs."""


@dataclass(slots=True)
class Bench:
    """What an attempt hands to the task it performs."""

    shared_dict: MutableMapping[Any, Any] = field(default_factory=dict)
    logger: LogWriter = field(default_factory=lambda: LogWriter(_say_nothing))
    metadata: Callable[[], TaskMetadata] = TaskMetadata
    """Made when the task asks for it."""
    is_aborting: Callable[[], bool] = _never
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    additions: Additions | None = None
    """What the task adds to the job; None: nothing yet."""
    tell: Callable[[Progress], None] = tell_nobody
    """Takes what the task says of how far it is."""
