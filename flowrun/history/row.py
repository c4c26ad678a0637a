"""Row: what all rows of the history can do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..iso_time import iso

_TIMES = frozenset({"started", "begun", "ended", "at", "last_started"})


class Row:
    """What every row can do."""

    __slots__ = ()

    def record(self) -> dict[str, Any]:
        """The JSON form: times as ISO 8601, rows in it in their JSON form, everything else as it is."""
        names: Iterable[str] = self.__dataclass_fields__  # type: ignore[attr-defined]  # every row is a dataclass
        return {name: _plain(name, getattr(self, name)) for name in names}


def _plain(name: str, value: Any) -> Any:
    if name in _TIMES:
        return iso(value)
    if name == "progress" and value is not None:
        return value.body()
    if name == "approval" and value is not None:
        return value.record()
    return [row.record() for row in value] if name == "recent" else value
