"""Where inside a value something is, for the message that it cannot be kept; and who is given it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Place = tuple[str, ...]
"""Steps as Python writes them: `("['a']", "[0]", ".rows")`."""

Tagged = Callable[[Any, Place], Any]

Writer = Callable[[Any, Place, Tagged], Any]
"""Gives the tagged form of a value; None if this one must be pickled. What is inside goes to the third argument."""
