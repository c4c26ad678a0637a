"""A pause of the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collector() -> Iterator[None]:
    """Within it the collector does not run.

    It would go through every node of a large file again and again, and find none to free: a file of five times
    as many tasks would take ten times as long. Nor does it go through them afterwards, until a run is over.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.enable()
