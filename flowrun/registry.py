"""Registry: one name-to-class table for one kind of plugin."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from .dataclass import dataclass

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a class stands."""

    module: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Late(Protocol[T_co]):
    """What a class is made of when somebody asks for it: a function."""

    @property
    def qualname(self) -> str:
        """Its name within its module."""

    @property
    def variant(self) -> type[T_co]:
        """The class. Raises whatever stands against it."""


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One registered class, or what it is made of."""

    name: str
    target: type[T] | Late[T]
    origin: Origin

    @property
    def cls(self) -> type[T]:
        """The class. One that is made now raises whatever stands against it."""
        return self.target if isinstance(self.target, type) else self.target.variant

    @property
    def qualname(self) -> str:
        """Its name within its module."""
        return self.target.__qualname__ if isinstance(self.target, type) else self.target.qualname

    def made(self) -> type[T] | None:
        """The class, or None if something stands against it."""
        try:
            return self.cls
        except Exception:  # the types and defaults in a signature are the user's code
            return None


class Registry(Generic[T]):
    """The classes of one kind, each under its name, with the place where it was found.

    Registering never fails for a name that is taken: which of two classes a job means is only known when
    the job's directories are, so `candidates` gives all of them and the caller names both files.
    """

    def __init__(self, kind: str, contract: Callable[[], type[T]]) -> None:
        self.kind = kind
        self._contract = contract
        self._entries: dict[str, list[Entry[T]]] = {}

    def register(self, cls: type[Any], name: str | None = None) -> None:
        """Keep `cls` under its name. A class that is defined again in the same file replaces the earlier one.

        Raises TypeError if `cls` does not extend the contract of this kind.
        """
        contract = self._contract()
        if not (isinstance(cls, type) and issubclass(cls, contract)):
            raise TypeError(f"@{self.kind} needs a class that extends `{contract.__name__}`: {cls!r}")
        self._keep(Entry(name or cls.__name__, cls, origin_of(cls)))

    def offer(self, target: Late[T], name: str, origin: Origin) -> None:
        """Keep what a class can be made of under a name."""
        self._keep(Entry(name, target, origin))

    def withdraw(self, target: Late[T]) -> None:
        """Forget something that was offered."""
        for name, entries in self._entries.items():
            self._entries[name] = [entry for entry in entries if entry.target is not target]

    def _keep(self, entry: Entry[T]) -> None:
        others = [e for e in self._entries.get(entry.name, []) if not _is_same_place(e, entry)]
        self._entries[entry.name] = [*others, entry]

    def candidates(self, name: str) -> list[Entry[T]]:
        """All classes registered as `name`, in the order in which they came."""
        return list(self._entries.get(name, ()))

    def entry_of(self, cls: type[Any]) -> Entry[T] | None:
        """The entry of a class, found without making any other; None if it is not registered."""
        target = vars(cls).get("__function__", cls)
        return next((entry for entry in self if entry.target is target), None)

    def __iter__(self) -> Iterator[Entry[T]]:
        for entries in self._entries.values():
            yield from entries


def origin_of(cls: type[Any]) -> Origin:
    """The module, file and line of a class. The line is searched only when it is asked for the first time."""
    module = sys.modules.get(cls.__module__)
    file = getattr(module, "__file__", None) or cls.__module__
    return Origin(cls.__module__, file, _line_here(cls))


def _line_here(cls: type[Any]) -> int:
    """The line of a class that is being decorated, read from the stack: cheaper than reading its source."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__") == cls.__module__:
            return frame.f_lineno
        if frame.f_back is None:
            break
        frame = frame.f_back
    try:
        return inspect.getsourcelines(cls)[1]
    except (OSError, TypeError):
        return 0


def _is_same_place(one: Entry[T], other: Entry[T]) -> bool:
    return (one.origin.file, one.qualname) == (other.origin.file, other.qualname)
