"""ControlMessage: what stands in the stream that all workers of a queue listen to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from ..dataclass import dataclass
from .fields import MAJOR, FieldReader, Fields, written


@dataclass(frozen=True, slots=True)
class ControlMessage:
    """What workers are told: `cancel`, `drain`, `pause` or `resume`."""

    kind: str
    id: str = ""
    """The attempt to cancel."""
    worker: str = ""
    """One worker, or `*` for all."""
    is_hard: bool = False
    """Cancel: kill at once."""
    grace_ms: int = 10_000
    """Cancel: kill after this time."""

    def fields(self) -> Fields:
        """The fields of the stream entry."""
        pairs: list[tuple[str, str | int | bytes]] = [("v", MAJOR), ("k", self.kind)]
        pairs += [("id", self.id)] if self.id else []
        pairs += [("w", self.worker)] if self.worker else []
        return written(*pairs, ("hard", int(self.is_hard)), ("grace", self.grace_ms))

    @classmethod
    def from_fields(cls, fields: Mapping[bytes, bytes]) -> Self:
        """Raises UnreadableError for what does not follow the protocol."""
        it = FieldReader(fields)
        return cls(
            it.text("k"), it.text("id", ""), it.text("w", ""), it.text("hard", "0") == "1", it.number("grace", 10_000)
        )
