"""Later: parameters whose values are known only when the task starts, and what can be said of the others now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..jobdefinition.expression_places import paths_of_expressions
from ..jobdefinition.keypath import KeyPath
from .use import Use


def has_later(use: Use) -> bool:
    """Whether there are expressions in the parameters of a task."""
    return bool(_later(use))


def told_now(use: Use, errors: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The errors that stay, whatever the expressions in the parameters will give.

    Pydantic sees an expression as the text that it is, and what follows from that is no mistake. Neither is
    what it says of a value that has an expression in it, or of the members of a union that are meant perhaps.
    """
    later = _later(use)
    return [error for error in errors if _is_certain(error, use.parameters, later)] if later else errors


def _later(use: Use) -> list[KeyPath]:
    return paths_of_expressions(use.parameters) if use.path[0] == "tasks" else []


def _is_certain(error: Mapping[str, Any], parameters: Mapping[str, Any], later: Sequence[KeyPath]) -> bool:
    location = tuple(error["loc"])
    keys = _keys(location, parameters)
    is_missing = error["type"] == "missing"
    if (is_missing or error["type"] == "extra_forbidden") and len(keys) == len(location) - is_missing:
        return True  # of a name, outside of any union
    return not any(path[: len(keys)] == keys for path in later)


def _keys(location: KeyPath, value: Any) -> KeyPath:
    """As much of a location as somebody wrote: up to the first name of a member of a union."""
    keys = []
    for part in location:
        if isinstance(value, Mapping):
            if part not in value:
                break
        elif not isinstance(value, list | tuple) or not isinstance(part, int) or part >= len(value):
            break
        keys.append(part)
        value = value[part]
    return tuple(keys)
