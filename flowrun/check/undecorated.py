"""Undecorated: a class or function that a job could name if its decorator had not been forgotten."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from types import FunctionType
from typing import Any

from ..discovery import Discovery


def undecorated(name: str, kind: str, discovery: Discovery, registered: Mapping[str, str]) -> str | None:
    """A sentence about what is called `name` in a module of the project and is not registered as a `kind` of that name.

    `registered` has the names by the places where they were registered.
    """
    forms = (type, FunctionType) if kind == "task" else (type,)
    for module in discovery.modules:
        found = vars(sys.modules[module]).get(name) if module in sys.modules else None
        if isinstance(found, forms) and found.__module__ == module:
            place = _place(found, discovery)
            if place in registered:
                return f"`{name}` in {place} is registered as `{registered[place]}`"
            return f"`{name}` stands in {place}, but without `@{kind}` above it"
    return None


def _place(found: Any, discovery: Discovery) -> str:
    file = discovery.shown(sys.modules[found.__module__].__file__ or found.__module__)
    try:
        return f"{file}:{inspect.getsourcelines(found)[1]}"
    except (OSError, TypeError):
        return file
