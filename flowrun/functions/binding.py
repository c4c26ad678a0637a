"""Binding: the methods of an object as tasks."""

from __future__ import annotations

from types import FrameType
from typing import Any

from ..registry import Origin, Registry
from .function import DECLARED, Function


class BoundFunction(Function):
    """A method that is called on one object, and where the two were brought together."""

    def __init__(self, method: Function, owner: object, prefix: str, frame: FrameType) -> None:
        call = getattr(owner, method.target.__name__)
        super().__init__(method.target, method.contract, prefix + method.name, method.keys, call)
        self.module = frame.f_globals
        """That of the module in which it was bound. A module that is imported again has other ones."""
        name = self.module.get("__name__", "")
        self.origin = Origin(name, self.module.get("__file__") or name, frame.f_lineno)


def bind_methods(owner: object, prefix: str, registry: Registry[Any], frame: FrameType) -> list[BoundFunction]:
    """Register the methods of `owner` that have `@task` above them, called on it. `frame` is the one that asks for it.

    Raises TypeError if there are none, ValueError if those of another object have the same names.
    """
    methods = [found for name in dir(type(owner)) if (found := _method(type(owner), name))]
    if not methods:
        raise TypeError(f"no method of {type(owner).__name__} has `@task` above it")
    functions = [BoundFunction(method, owner, prefix, frame) for method in methods]
    for function in functions:
        if _is_taken(function, registry):
            raise ValueError(
                f"a task `{function.name}` is bound to another object already: "
                f"give one of the two a prefix, as in `bind(..., prefix={type(owner).__name__.lower() + '.'!r})`"
            )
    for method, function in zip(methods, functions, strict=True):
        registry.withdraw(method)
        registry.offer(function, function.name, function.origin)
    return functions


def _method(cls: type[Any], name: str) -> Function | None:
    """What stands above a method that needs an object."""
    for parent in cls.__mro__:
        if name in vars(parent):
            found = getattr(vars(parent)[name], DECLARED, None)
            needs_object = not isinstance(vars(parent)[name], classmethod | staticmethod)
            return found if needs_object and isinstance(found, Function) else None
    return None


def _is_taken(function: BoundFunction, registry: Registry[Any]) -> bool:
    others = [entry.target for entry in registry.candidates(function.name)]
    return any(
        isinstance(other, BoundFunction) and other.target is function.target and other.module is function.module
        for other in others
    )
