"""Annotations: the types that functions declare, looked up when somebody asks."""

from __future__ import annotations

import inspect
import typing
from collections import abc
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

_ITERATED = frozenset(
    {abc.Iterator, abc.Iterable, abc.Generator, abc.AsyncIterator, abc.AsyncIterable, abc.AsyncGenerator}
)
_AWAITED = frozenset({abc.Awaitable, abc.Coroutine})


def annotations_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The types of the parameters and, under `return`, of the result; Any for one that cannot be resolved."""
    inner = inspect.unwrap(getattr(function, "__func__", function))
    names = _names_seen_by(inner)
    return {key: _resolved(value, names) for key, value in getattr(inner, "__annotations__", {}).items()}


def return_annotation(variant: type[Any]) -> Any:
    """The type of the result of a task class: what its function or its `run` declares; Any if that is not known.

    A coroutine function gives what is awaited, a generator function a list of what it yields.
    """
    function = getattr(vars(variant).get("__function__"), "call", variant.run)
    declared = annotations_of(function).get("return", Any)
    inner = inspect.unwrap(getattr(function, "__func__", function))
    if inspect.isgeneratorfunction(inner) or inspect.isasyncgenfunction(inner):
        return list[_first_argument(declared)] if _origin(declared) in _ITERATED else list[Any]  # type: ignore[misc]
    if _origin(declared) in _AWAITED:
        arguments = typing.get_args(declared)
        return arguments[-1] if arguments else Any
    return declared


def _resolved(annotation: Any, names: dict[str, Any]) -> Any:
    holder = SimpleNamespace(__annotations__={"it": annotation})
    try:
        return typing.get_type_hints(holder, names, include_extras=True)["it"]
    except Exception:  # whatever stands there: it may name what is imported only for type checkers
        return Any


def _names_seen_by(function: Any) -> dict[str, Any]:
    names = dict(getattr(function, "__globals__", {}))
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    for name, cell in zip(code.co_freevars if code else (), cells or (), strict=False):
        try:
            names[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    return names


def _origin(annotation: Any) -> Any:
    return typing.get_origin(annotation) or annotation


def _first_argument(annotation: Any) -> Any:
    return (*typing.get_args(annotation), Any)[0]
