"""Truth: which values count as true in conditions, in `and`, `or`, `not` and `if`."""

from __future__ import annotations

from typing import Any

FALSE_WORDS = frozenset({"", "false", "no", "off", "0", "none", "null"})
TRUE_WORDS = frozenset({"true", "yes", "on", "1"})


def is_true(value: Any) -> bool:
    """Text counts by what it says, since variables are text: `false`, `no`, `off`, `0`, empty text are false.

    Everything else counts as in Python: None, 0 and what is empty is false.
    """
    if isinstance(value, str):
        return value.strip().lower() not in FALSE_WORDS
    return bool(value)
