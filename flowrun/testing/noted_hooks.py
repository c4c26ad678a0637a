"""A task class that tells which of its hooks are called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import new_class
from typing import Any

from ..executors.perform import own_hooks
from ..task import Task


def noting_hooks(variant: type[Task], called: list[str]) -> type[Task]:
    """The same class, but each hook that it has of its own is added to `called` when it begins."""
    hooks = {hook: _noting(hook, getattr(variant, hook), called) for hook in own_hooks(variant)}
    names = {"__module__": variant.__module__, "__qualname__": variant.__qualname__, **hooks}
    return new_class(variant.__name__, (variant,), exec_body=lambda namespace: namespace.update(names))


def _noting(hook: str, function: Callable[..., Any], called: list[str]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        async def noted_waiting(self: Task) -> Any:
            called.append(hook)
            return await function(self)

        return noted_waiting

    def noted(self: Task) -> Any:
        called.append(hook)
        return function(self)

    return noted
