"""Paint: how text gets its colour, if it gets one."""

from __future__ import annotations

from typing import Protocol


class Paint(Protocol):
    """Colours text, or leaves it as it is."""

    def __call__(self, text: str, colour: str, /) -> str: ...
