"""Times as a person reads them."""

from __future__ import annotations

from datetime import datetime

from .printable import harmless


def local_time(text: str) -> str:
    """An ISO 8601 time as local time with its zone; what is none, as it is."""
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M %Z")
    except ValueError:
        return harmless(text, 40) or "an unknown time"
