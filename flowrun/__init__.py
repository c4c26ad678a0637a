"""flowrun runs jobs: typed Python tasks, YAML that checks itself, restart from the failure; no server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .driver import Flowrun

__version__ = "0.1.0"

__all__ = ["Flowrun", "__version__"]


def __getattr__(name: str) -> object:
    """`from flowrun import Flowrun`, loaded only when it is asked for."""
    if name == "Flowrun":
        from .driver import Flowrun

        return Flowrun
    raise AttributeError(f"module 'flowrun' has no attribute {name!r}")
