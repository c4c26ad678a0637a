"""Names of classes: `module:Outer.Inner`, and for a class made of a generic one `module:Page[module:Order]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import reduce
from operator import or_
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

_NONE = "types:NoneType"


def name_of(cls: Any) -> str:
    """The name by which `named` finds a class again; empty if there is none."""
    if cls is None or cls is NoneType:
        return _NONE
    generic, arguments = _parts(cls)
    names = [name_of(generic), *map(name_of, arguments)] if generic and arguments else [""]
    if all(names):
        return f"{names[0]}[{','.join(names[1:])}]"
    name = f"{getattr(cls, '__module__', '')}:{getattr(cls, '__qualname__', '')}"
    return name if _plain(name) is cls else ""


def named(name: str) -> Any:
    """The class of a name among what is imported; None: there is none. Runs no code of a module."""
    if name == _NONE:
        return NoneType
    if (found := _plain(name)) is not None:
        return found
    generic, _, arguments = name.partition("[")
    found = _plain(generic)
    parameters = [named(argument) for argument in _split(arguments[:-1])] if _can_be_made_with(found) else [None]
    if None in parameters:
        return None
    return reduce(or_, parameters) if found is UnionType else found[tuple(parameters)]


def _can_be_made_with(found: Any) -> bool:
    """Asking any other class for one made with parameters might run code of a module."""
    return isinstance(found, type) and (
        "__pydantic_generic_metadata__" in vars(found) or found in (list, dict, tuple, set, frozenset, UnionType)
    )


def _plain(name: str) -> Any:
    module, _, qualname = name.partition(":")
    found: Any = sys.modules.get(module)
    for part in qualname.split("."):
        found = getattr(found, "__dict__", {}).get(part)
    return found


def _parts(cls: Any) -> tuple[Any, tuple[Any, ...]]:
    """The generic class and what it was made with: of a Pydantic model, `list[int]` or `int | None`."""
    made = getattr(cls, "__dict__", {}).get("__pydantic_generic_metadata__")
    if made:
        return made["origin"], made["args"]
    origin = get_origin(cls)
    return (UnionType if origin is Union else origin), get_args(cls)


def _split(arguments: str) -> Iterator[str]:
    """The arguments between commas, of which those in inner brackets do not count."""
    depth, start = 0, 0
    for position, sign in enumerate(arguments):
        depth += (sign == "[") - (sign == "]")
        if sign == "," and depth == 0:
            yield arguments[start:position]
            start = position + 1
    yield arguments[start:]
