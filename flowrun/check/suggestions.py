"""Suggestions: what was probably meant by a name that is unknown."""

from __future__ import annotations

from collections.abc import Iterable

from ..jobdefinition.wording import nearest

MAX_COMPARISONS = 20_000
"""Names compared in one check, in all: a file full of mistakes is refused quickly, the last without a suggestion."""


class Suggestions:
    """Finds the nearest of some names, each question answered once, with bounded effort."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], str | None] = {}
        self._left = MAX_COMPARISONS

    def nearest(self, name: str, kind: str, allowed: Iterable[str]) -> str | None:
        """The one of `allowed`, which are the names of one `kind`, that looks most like `name`."""
        if (kind, name) not in self._answers:
            if self._left <= 0:
                return None
            alike = [one for one in allowed if _is_alike(name, one)]
            self._left -= len(alike) + 1
            self._answers[kind, name] = nearest(name, alike)
        return self._answers[kind, name]


def _is_alike(one: str, other: str) -> bool:
    """Cheap, and true for everything that may be called near."""
    return abs(len(one) - len(other)) <= max(len(one), len(other)) // 2


def did_you_mean(name: str | None) -> str:
    """A question, or nothing."""
    return f"did you mean `{name}`?" if name else ""


def listed(names: Iterable[str], limit: int = 8) -> str:
    """Names in a sentence, the first few of them."""
    every = list(names)
    shown = ", ".join(every[:limit])
    return f"{shown}, and {len(every) - limit} more" if len(every) > limit else shown
