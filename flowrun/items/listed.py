"""Listed: items that are in memory, in a list or under the keys of a mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..errors import ItemsError
from .items import Items
from .keys import field_of, renames, text_of

TextOf = Callable[[Any], str | None]
"""The text of an item that can be its key; None if its position has to do."""


class Listed(Items):
    """The items of a list."""

    def __init__(self, items: Sequence[Any], text: TextOf = text_of) -> None:
        self._items = items
        self._text_of = text
        self._renamed = renames(self._texts)

    def __len__(self) -> int:
        return len(self._items)

    def item(self, position: int) -> Any:
        return self._items[position]

    def key(self, position: int) -> str:
        return self._renamed.get(position) or self._text(position)

    def _text(self, position: int) -> str:
        return self._text_of(self._items[position]) or str(position + 1)

    def _texts(self) -> Iterator[str]:
        return map(self._text, range(len(self._items)))


class Keyed(Listed):
    """The items of a list whose keys stand in one of their fields. Raises ItemsError if two have the same."""

    def __init__(self, items: Sequence[Any], field: str) -> None:
        self._field = field
        super().__init__(items)
        if self._renamed:
            second = min(self._renamed)
            text = self._text(second)
            first = next(position for position, one in enumerate(self._texts()) if one == text)
            raise ItemsError(f"items {first + 1} and {second + 1} have the same `{field}`: `{text}`", (second,))

    def _text(self, position: int) -> str:
        try:
            return field_of(self._items[position], self._field)
        except ItemsError as error:
            raise ItemsError(f"item {position + 1}: {error}", (position,)) from None


class Mapped(Listed):
    """The entries of a mapping, each as `{"key": ..., "value": ...}`."""

    def __init__(self, mapping: Mapping[Any, Any]) -> None:
        super().__init__(list(mapping))
        self._mapping = mapping

    def item(self, position: int) -> dict[str, Any]:
        key = self._items[position]
        return {"key": key, "value": self._mapping[key]}


def in_memory(value: Any, key: str | None) -> Items:
    """The items of a list or mapping. Raises ItemsError for any other value."""
    if isinstance(value, Mapping):
        if key is not None:
            raise ItemsError("`key` names a field of the items in a list; a mapping brings its own keys", ("key",))
        return Mapped(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return Listed(value) if key is None else Keyed(value, key)
    kind = "text" if isinstance(value, str) else type(value).__name__
    raise ItemsError(f"items must be a list or a mapping, found {'nothing' if value is None else kind}")
