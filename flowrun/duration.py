"""A duration in words that a person reads at a glance."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """`0.4s`, `12.4s`, `2m 41s`, `3h 05m`."""
    if seconds < 59.95:
        return f"{max(seconds, 0):.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    return f"{minutes // 60}h {minutes % 60:02d}m"
