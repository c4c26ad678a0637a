"""Moments as text."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import overload


@overload
def iso(seconds: float) -> str: ...
@overload
def iso(seconds: float | None) -> str | None: ...
def iso(seconds: float | None) -> str | None:
    """Seconds of Unix time as ISO 8601, UTC."""
    if seconds is None:
        return None
    whole, thousandths = divmod(round(seconds * 1_000_000) // 1000, 1000)
    return f"{_second(whole)}.{thousandths:03}+00:00"


@lru_cache(1000)
def _second(whole: int) -> str:
    """Without its zone. Much happens in the same second."""
    return datetime.fromtimestamp(whole, UTC).isoformat()[:-6]
