"""Function: a function with `@task` above it, and the task class that is made of it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from ..registry import Origin
from .parameters import refuse_what_has_no_name

DECLARED = "__flowrun_function__"
"""The attribute under which a decorated function keeps what it was declared as."""


class Function:
    """A function that jobs may name, or a method of an object or class.

    Its class is made when it is first asked for, when all modules are imported and the types in them are known.
    """

    def __init__(
        self,
        target: Callable[..., Any],
        contract: type[Any],
        name: str | None = None,
        keys: Mapping[str, Any] = {},
        call: Callable[..., Any] | None = None,
    ) -> None:
        """`target` is the plain function; `call` what is called, if that is known now: a method of some object."""
        self.target = target
        self.contract = contract
        self.name = name or target.__name__
        self.keys = dict(keys)
        self._call = call

    @property
    def qualname(self) -> str:
        """Its name within its module, with the class that it is a method of."""
        return self.target.__qualname__

    @property
    def is_bound(self) -> bool:
        """It is called on an object or class that was given with it."""
        return self._call is not None

    @cached_property
    def origin(self) -> Origin:
        """Where it was registered: above the function, or for a method of an object where the two were bound."""
        return self.source

    @cached_property
    def source(self) -> Origin:
        """Where it stands."""
        module = sys.modules.get(self.target.__module__)
        file = getattr(module, "__file__", None) or self.target.__module__
        return Origin(self.target.__module__, file, inspect.unwrap(self.target).__code__.co_firstlineno)

    @cached_property
    def call(self) -> Callable[..., Any]:
        """What is called: the function, or a method that knows its class or its object.

        Raises TypeError for a method that needs an object.
        """
        return self._call or (_method(self.target) if is_in_class(self.target) else self.target)

    @cached_property
    def variant(self) -> type[Any]:
        """The task class. Raises what Pydantic says of a parameter that cannot be a field."""
        from .variant import variant_of

        return variant_of(self)


def declared(target: Any, contract: type[Any], name: str | None, keys: Mapping[str, Any]) -> Function:
    """Take note that a function is a task.

    Raises TypeError for what is no function, or takes what a job file cannot give.
    """
    function = target.__func__ if isinstance(target, classmethod | staticmethod) else target
    if isinstance(function, type) or not hasattr(inspect.unwrap(function), "__code__"):
        raise TypeError(f"@task needs a function, or a class that extends `{contract.__name__}`: {target!r}")
    takes_itself = is_in_class(function) and not isinstance(target, staticmethod)
    refuse_what_has_no_name(function, is_method=takes_itself)
    made = Function(function, contract, name, keys)
    setattr(function, DECLARED, made)
    return made


def found_function(target: Any) -> Function:
    """What a function or method was declared as, on its object if it has one. Raises TypeError for any other."""
    made = getattr(target, DECLARED, None)
    if not isinstance(made, Function):
        raise TypeError(f"there is no `@task` above {target!r}")
    if hasattr(target, "__self__"):
        return Function(made.target, made.contract, made.name, made.keys, target)
    return made


def is_in_class(function: Callable[..., Any]) -> bool:
    """It is written in the body of a class."""
    outside = function.__qualname__.rpartition(".")[0]
    return bool(outside) and not outside.endswith("<locals>")


def _method(function: Any) -> Callable[..., Any]:
    *classes, name = function.__qualname__.split(".")
    owner: Any = function.__globals__.get(classes[0])
    for step in classes[1:]:
        owner = getattr(owner, step, None)
    if owner is not None and isinstance(vars(owner).get(name), classmethod | staticmethod):
        found: Callable[..., Any] = getattr(owner, name)
        return found
    raise TypeError(
        f"`{function.__qualname__}` is a method and needs an object: make one in the module, as in "
        f"`bind({classes[-1]}(...))` with `from flowrun.task import bind`"
    )
