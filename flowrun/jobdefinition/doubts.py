"""Doubts: what is not known of a definition because of mistakes in it, so that none of them is told twice."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from ..dataclass import dataclass
from .keypath import KeyPath


@dataclass(frozen=True)
class Doubts:
    """Paths about which later checks know less than the file says.

    What stands at the `unusable` ones has been told as a mistake, and a default or nothing is in its place.
    At the `unread` ones there may be more than was read: the key is given twice or misspelt. The path `()` stands
    for a file that could not be read.
    """

    unusable: frozenset[KeyPath] = frozenset()
    unread: frozenset[KeyPath] = frozenset()

    def cover(self, path: KeyPath) -> bool:
        """What stands at `path` is part of something that was told as a mistake."""
        return _is_within(path, self.unusable)

    def may_hide(self, path: KeyPath) -> bool:
        """What was not found at `path` may be in the file all the same."""
        return self.touch(path) or _is_within(path, self.unread)

    def touch(self, path: KeyPath) -> bool:
        """What stands at `path` has to do with something that was told as a mistake: it is part of it, or has it."""
        return path in self._above or self.cover(path)

    def names_below(self, path: KeyPath) -> Iterator[str]:
        """Keys of the mapping at `path` of which something was told as a mistake."""
        length = len(path)
        for one in sorted(self.unusable, key=str):
            if len(one) > length and one[:length] == path and isinstance(one[length], str):
                yield one[length]

    @cached_property
    def _above(self) -> frozenset[KeyPath]:
        return frozenset(path[:length] for path in self.unusable for length in range(len(path)))


def _is_within(path: KeyPath, others: frozenset[KeyPath]) -> bool:
    return bool(others) and any(path[:length] in others for length in range(len(path) + 1))
