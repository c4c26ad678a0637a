"""Members: what is in a job or a group, in order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, overload

from ..errors import UsageError
from .member import Member, Target

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
M = TypeVar("M", bound=Member[Any])


class Members(ABC):
    """What a job and a group have in common: both have members by name."""

    def __init__(self) -> None:
        self._members: dict[str, Member[Any]] = {}
        self.version = 0
        """Grows with every change."""

    @property
    @abstractmethod
    def full_name(self) -> str:
        """What stands before the names of the members; empty for a job."""

    @abstractmethod
    def changed(self) -> None:
        """Called for each change, here or in a group in here."""

    @property
    def members(self) -> Mapping[str, Member[Any]]:
        """The members by name, in order."""
        return self._members

    def __getitem__(self, name: str) -> Member[Any]:
        return self._members[name]

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    @overload
    def add(self, target: M, /) -> M: ...
    @overload
    def add(
        self, target: Target[T], /, name: str | None = None, parameters: Mapping[str, Any] = {}, **keys: Any
    ) -> Member[T]: ...
    def add(self, target: Any, /, name: str | None = None, parameters: Mapping[str, Any] = {}, **keys: Any) -> Any:
        """Add a function, a class, the name of one, or a group, and give what stands for it.

        `keys` are those of a task in a job file; `depends_on` and `Result` take what `add` gave, functions and names.
        Raises UsageError for a name that is taken.
        """
        member = self._made(target, name, parameters, keys)
        self._place(member)
        return member

    @overload
    def task(self, target: F, /) -> F: ...
    @overload
    def task(
        self, name: str | None = None, /, *, parameters: Mapping[str, Any] = {}, **keys: Any
    ) -> Callable[[F], F]: ...
    def task(self, target: Any = None, /, *, parameters: Mapping[str, Any] = {}, **keys: Any) -> Any:
        """Add the function or class below: `@job.task`, or `@job.task(max_attempts=3)`. It stays as it is."""
        name = keys.pop("name", None) if target is None or not isinstance(target, str) else target

        def decorate(decorated: F) -> F:
            self.add(decorated, name, parameters, **keys)
            return decorated

        return decorate if target is None or isinstance(target, str) else decorate(target)

    def push_back(self, target: Any, /, name: str | None = None, **keys: Any) -> Any:
        """Add at the end: the same as `add`."""
        return self.add(target, name, **keys)

    def push_front(
        self, target: Any, /, name: str | None = None, parameters: Mapping[str, Any] = {}, **keys: Any
    ) -> Any:
        """Add before all others."""
        member = self._made(target, name, parameters, keys)
        self._place(member, is_first=True)
        return member

    def remove(self, name: str) -> None:
        """Take a member out. Raises KeyError if there is none of this name."""
        self._members.pop(name).is_in = None
        self.changed()

    def walk(self) -> Iterator[Member[Any]]:
        """All members at any depth, each group before those in it."""
        for member in self._members.values():
            yield member
            if isinstance(member, Members):
                yield from member.walk()

    def _made(
        self, target: Any, name: str | None, parameters: Mapping[str, Any], keys: Mapping[str, Any]
    ) -> Member[Any]:
        if not isinstance(target, Member):
            return Member(target, name, parameters, **keys)
        if name is not None or parameters or keys:
            raise UsageError(f"{target!r} has a name and keys already: give them where it is made")
        return target

    def _place(self, member: Member[Any], *, is_first: bool = False) -> None:
        if id(self) in map(id, (member, *_inside(member))):
            raise UsageError(f"{member!r} cannot be in itself")
        if (other := self._members.get(member.name)) is not None:
            raise UsageError(
                f"{self._title} has two tasks called {member.name!r} (the other: {other.place}): "
                "give one of them another `name`"
            )
        if member.is_in is not None:
            member.is_in.remove(member.name)
        member.is_in = self
        if is_first:
            self._members = {member.name: member, **self._members}
        else:
            self._members[member.name] = member
        self.changed()

    @property
    def _title(self) -> str:
        return f"group {self.full_name!r}" if self.full_name else "the job"

    def _take(self, targets: Iterable[Any]) -> None:
        for target in targets:
            self.add(target)


def _inside(member: Member[Any]) -> Iterable[Member[Any]]:
    return member.walk() if isinstance(member, Members) else ()
