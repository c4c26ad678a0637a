"""How the encoded text of a value stands in a record."""

from __future__ import annotations

import json
from typing import Any, Protocol

from ..values.compact_json import compact


class TextStore(Protocol):
    """How the encoded text of a value stands in a record."""

    def put(self, text: str) -> Any:
        """Something that JSON has."""

    def get(self, kept: Any) -> str:
        """The text again."""


class Inline:
    """Values stand in the record, as the JSON they are; a text that is no compact JSON stands as `{"$text": …}`."""

    def put(self, text: str) -> Any:
        """What `compact` makes `text` of."""
        try:
            value = json.loads(text)
            is_same = compact(value) == text
        except (ValueError, RecursionError):
            is_same = False
        return value if is_same and not _is_reference(value) else {"$text": text}

    def get(self, kept: Any) -> str:
        """The inverse of `put`."""
        return str(kept["$text"]) if _is_reference(kept) else compact(kept)


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and ("$text" in value or "$file" in value)
