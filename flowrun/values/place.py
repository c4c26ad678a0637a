"""Where inside a value something is, for the message that it cannot be kept; and who is given it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from .file_store import FileStore

Place = tuple[str, ...]
"""Steps as Python writes them: `("['a']", "[0]", ".rows")`."""


class Tagged(Protocol):
    """Gives what stands in JSON for a value inside another, which is at `place`."""

    store: FileStore | None
    """Where large values go; None: nowhere, they stand in the text."""

    def __call__(self, value: Any, place: Place) -> Any: ...


Writer = Callable[[Any, Place, Tagged], Any]
"""Gives the tagged form of a value; None if this one must be pickled. What is inside goes to the third argument."""
