"""Failures: how many items of a task, or members of a group, may fail."""

from __future__ import annotations


def failures_allowed(allowed: int | str, total: int) -> int:
    """What `allow_failures` comes to for `total` items: `5%` of 39 is 1, as parts of an item do not count."""
    if isinstance(allowed, int):
        return allowed
    # Whole numbers only: 29 % of 100 would be 28.999 as a floating-point number.
    whole, _, part = allowed.removesuffix("%").partition(".")
    hundred: int = 100 * 10 ** len(part)
    return int(whole + part) * total // hundred
