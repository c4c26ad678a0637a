"""What GitLab reads in the output of a job: sections that can be folded."""

from __future__ import annotations

from collections.abc import Callable

from .printable import harmless

_CLEAR = "\r\x1b[0K"
"""Hides a marker where nobody reads it."""


class Sections:
    """Sections of one output; each has a name of its own."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._number = 0

    def fold(self, title: str, lines: str) -> str:
        """The lines under a title that opens them."""
        self._number += 1
        at, name = int(self._now()), f"flowrun_{self._number}"
        start = f"section_start:{at}:{name}[collapsed=true]{_CLEAR}{harmless(title, 200)}"
        return f"{start}\n{lines}\nsection_end:{at}:{name}{_CLEAR}"
