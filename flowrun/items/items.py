"""Items: the contract of what `foreach` and `matrix` go over."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any


class Items(ABC):
    """Items by position, from 0, each with a text that no other has. It holds no more of them than its source does."""

    @abstractmethod
    def __len__(self) -> int:
        """Called for the number of items."""

    @abstractmethod
    def item(self, position: int) -> Any:
        """Called for one item. Raises ItemsError if it can no longer be read."""

    @abstractmethod
    def key(self, position: int) -> str:
        """Called for the key of one item, which is the same whenever the source is the same."""

    def __iter__(self) -> Iterator[Any]:
        return map(self.item, range(len(self)))

    def keys(self) -> Iterator[str]:
        """The keys in the order of the items."""
        return map(self.key, range(len(self)))
