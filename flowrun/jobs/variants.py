"""Variants: the classes and functions that a job in Python brings itself, by the names under which it uses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import UsageError
from ..functions.function import DECLARED, Function, is_in_class
from ..functions.parameters import refuse_what_has_no_name
from ..registry import Entry, origin_of
from ..task import Task
from .member import Member


class Variants:
    """Each class or function once, however many tasks perform it."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry[Task]] = {}
        self._names: dict[Any, str] = {}

    def name_of(self, member: Member[Any]) -> str:
        """What stands under `task:` for a member. Raises UsageError for what cannot be a task."""
        target = member.target
        if isinstance(target, str):
            return target
        name = self._names.get(target)
        if name is None:
            entry = _entry_of(target, member)
            name = self._names[target] = self._free_name(entry.name)
            self.entries[name] = entry
        return name

    def _free_name(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self.entries:
            number += 1
            name = f"{wanted}-{number}"
        return name


def _entry_of(target: Any, member: Member[Any]) -> Entry[Task]:
    if isinstance(target, type):
        if not issubclass(target, Task):
            raise UsageError(f"{member.place}: {target!r} does not extend `Task`")
        return Entry(target.__name__, target, origin_of(target))
    function = _function_of(target, member)
    return Entry(function.name, function, function.source)


def _function_of(target: Callable[..., Any], member: Member[Any]) -> Function:
    """What a function is declared as. One without `@task` above it is as good."""
    declared = getattr(target, DECLARED, None)
    if isinstance(declared, Function):
        return declared if getattr(target, "__self__", None) is None else _bound(target, declared)
    plain = getattr(target, "__func__", target)
    if not hasattr(plain, "__code__"):
        raise UsageError(f"{member.place}: {target!r} is no function and does not extend `Task`")
    takes_itself = hasattr(target, "__self__")
    try:
        refuse_what_has_no_name(plain, is_method=takes_itself)
    except TypeError as error:
        raise UsageError(f"{member.place}: {error}") from None
    call = target if takes_itself or is_in_class(plain) else None
    return Function(plain, Task, plain.__name__, {}, call)


def _bound(target: Any, declared: Function) -> Function:
    return Function(declared.target, declared.contract, declared.name, declared.keys, target)
