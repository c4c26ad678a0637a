"""Sections: a job in Python as what a job file would say."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from ..errors import UsageError
from ..jobdefinition.in_python import InPython
from ..jobdefinition.keypath import KeyPath
from ..problem import Place
from ..result import Result
from .group import Group
from .member import Member
from .variants import Variants


class Writable(Protocol):
    """A job, as far as it is written down."""

    name: str
    place: Place
    sections: dict[str, Any]

    @property
    def title(self) -> str:
        """How messages call it."""

    @property
    def members(self) -> Mapping[str, Member[Any]]:
        """The members by name, in order."""

    def walk(self) -> Iterator[Member[Any]]:
        """All members at any depth."""


def in_python(job: Writable, parameters: Mapping[str, Mapping[str, Any]] = {}) -> InPython:
    """What `job` says. `parameters` stand above those of the tasks that have these full names.

    Raises UsageError for a dependency that is no task of the job, and for parameters of a task that is none.
    """
    writing = _Writing(job, parameters)
    tasks = writing.tasks(job.members, ("tasks",))
    if unknown := [name for name in parameters if name not in writing.names]:
        raise UsageError(f"no task of job {job.name!r} is named {unknown[0]!r}; there are: {', '.join(writing.names)}")
    return InPython(job.title, {**job.sections, "tasks": tasks}, writing.places, writing.variants.entries)


def names_of(job: Writable, tasks: Iterable[Any]) -> list[str]:
    """The full names of what stands for tasks: names, what `add` gave, functions and classes."""
    if all(isinstance(task, str) for task in tasks):
        return list(tasks)
    writing = _Writing(job, {})
    return [writing.name_of(task, f"job {job.name!r}") for task in tasks]


class _Writing:
    """Writes down what a job says."""

    def __init__(self, job: Writable, parameters: Mapping[str, Mapping[str, Any]]) -> None:
        self._job = job
        self._above = parameters
        self._cwd = os.path.join(os.getcwd(), "")
        self._by_target: dict[Any, list[Member[Any]]] = {}
        self.names: dict[str, Member[Any]] = {}
        for member in job.walk():
            self.names[member.full_name] = member
            if not isinstance(member, Group):
                self._by_target.setdefault(member.target, []).append(member)
        self.variants = Variants()
        self.places: dict[KeyPath, Place] = {("tasks",): self._shown(job.place)}

    def tasks(self, members: Mapping[str, Member[Any]], path: KeyPath) -> dict[str, Any]:
        """The members of the job or of a group, as they stand below `path`."""
        return {name: self._task(member, (*path, name)) for name, member in members.items()}

    def _task(self, member: Member[Any], path: KeyPath) -> dict[str, Any]:
        full_name = member.full_name
        self.places[path] = self.places["tasks", full_name] = self._shown(member.place)
        written = dict(member.keys)
        for key in ("depends_on", "dependencies"):
            if key in written:
                written[key] = self._dependencies(written[key], member)
        if isinstance(member, Group):
            written[member.kind] = self.tasks(member.members, (*path, member.kind))
            return written
        written["task"] = self.variants.name_of(member)
        parameters = {**member.parameters, **self._above.get(full_name, {})}
        if parameters:
            written["parameters"] = {key: self._value(value, member) for key, value in parameters.items()}
        return written

    def _dependencies(self, given: Any, member: Member[Any]) -> Any:
        if isinstance(given, str | Member) or not isinstance(given, Iterable):
            given = [given]
        return [self.name_of(one, f"{member.place}: {member!r}") for one in given]

    def _value(self, value: Any, member: Member[Any]) -> Any:
        if not isinstance(value, Result):
            return value
        return value.expression(self.name_of(value.task, f"{member.place}: {member!r}"))

    def name_of(self, meant: Any, by: str) -> str:
        """The name of the task that a handle, a function or a name means."""
        if isinstance(meant, str):
            return meant
        if isinstance(meant, Member):
            if self.names.get(meant.full_name) is not meant:
                raise UsageError(f"{by} names {meant!r}, which is not in job {self._job.name!r}")
            return meant.full_name
        performing = self._by_target.get(meant, [])
        if len(performing) != 1:
            there = ", ".join(map(str, performing)) or "none"
            name = getattr(meant, "__name__", repr(meant))
            raise UsageError(
                f"{by} names {name}, which one task of job {self._job.name!r} must perform; there are: {there}; "
                "name the task, or give what `add` returned"
            )
        return performing[0].full_name

    def _shown(self, place: Place) -> Place:
        return Place(place.file.removeprefix(self._cwd), place.line)
