"""Member: a task of a job that is written in Python. It may stand wherever the name of its task may."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from ..errors import UsageError
from ..problem import Place

T = TypeVar("T")

Target = Callable[..., Awaitable[T]] | Callable[..., T] | str
"""A function, a class, or the name under which one is registered."""

_ROOM = __name__.rpartition(".")[0]


class Holder(Protocol):
    """What a member is in: a job or a group."""

    @property
    def full_name(self) -> str:
        """What stands before the names of the members."""

    def changed(self) -> None:
        """Called for each change in it."""

    def remove(self, name: str) -> None:
        """Take a member out."""


class Member(Generic[T]):
    """What a job or a group performs, and how. `T` is the type of its result."""

    def __init__(
        self,
        target: Target[T],
        name: str | None = None,
        parameters: Mapping[str, Any] = {},
        *,
        output: bool = True,
        **keys: Any,
    ) -> None:
        """`keys` are those of a task in a job file. Without `output` its result is not shown by `run(output=True)`."""
        if not (isinstance(target, str) or callable(target)):
            raise UsageError(f"a task is a function, a class, or the name of one, not {target!r}")
        self.target: Any = target
        self.parameters = dict(parameters)
        self.keys = keys
        self.output = output
        self.place = place_of_caller()
        self.is_in: Holder | None = None
        """The job or group that it is in."""
        self.name = name if name is not None else self._own_name()
        """Its name in there."""

    def _own_name(self) -> str:
        if isinstance(self.target, str):
            return self.target
        declared = getattr(self.target, "__flowrun_function__", None)
        name = str(getattr(declared, "name", None) or getattr(self.target, "__name__", ""))
        if not name or name == "<lambda>":
            raise UsageError(f"{self.target!r} has no name: give it one, as in `add(..., name='load')`")
        return name

    def dismiss(self) -> None:
        """Leave it out: it ends as SKIP, with all that is in it, and what depends on it goes on."""
        self.keys = {**self.keys, "when": False}
        if self.is_in is not None:
            self.is_in.changed()

    @property
    def full_name(self) -> str:
        """Its name in the job: a member of a group is called after it, as in `etl/load`."""
        above = self.is_in.full_name if self.is_in is not None else ""
        return f"{above}/{self.name}" if above else self.name

    def __str__(self) -> str:
        return self.full_name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.full_name!r}>"


def place_of_caller() -> Place:
    """The line of the user's code that called into this room."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_ROOM):
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno)
