"""Offer: the tasks of a project that runs on other machines may name, as a worker announces them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from ..dataclass import dataclass
from ..discovery import BrokenModule, Discovery, find
from ..registry import Entry
from ..task import Task, tasks

Stamps = Mapping[str, tuple[int, int, int]]
"""What tells a file from a changed one: its number, its time and its size."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a worker announces, and the files in which it stands."""

    schemas: Mapping[str, Any] = field(default_factory=dict)
    """The JSON Schema of the parameters of each task, by its name."""
    notes: tuple[str, ...] = ()
    """What cannot be offered, and why."""
    is_broken: bool = False
    """A module could not be imported: tasks may be missing."""
    directories: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """Modules; those below `directories` too."""

    def body(self) -> dict[str, Any]:
        """The JSON form."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Offer:
        """The offer with this JSON form."""
        known: dict[str, Any] = {name: tuple(it) if isinstance(it, list) else it for name, it in body.items()}
        return cls(**known)

    def stamps(self) -> Stamps:
        """How its files are now, those among them that came later."""
        found = {}
        for file in {*self.files, *(file for directory in self.directories for file in _modules_below(directory))}:
            try:
                stat = os.stat(file)
            except OSError:
                continue  # it was removed, and is missing in the answer
            found[file] = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        return found


def offered(discovery: Discovery) -> tuple[dict[str, type[Task]], Offer]:
    """The classes of a project that a worker performs, and what it says of them.

    What ships in the box is not among them: whoever may write to the queue would get at programs of this machine.
    """
    classes, schemas, notes = {}, {}, [_of_broken(module, discovery) for module in discovery.broken]
    for name in _own_names(discovery):
        try:
            classes[name] = _only(find(tasks, name, discovery), discovery).cls
        except Exception as error:  # the types and defaults in a signature are the user's code
            notes.append(f"{name} is not offered: {str(error).strip().partition(chr(10))[0]}")
        else:
            schemas[name] = _schema(classes[name])
    is_broken = bool(discovery.broken)
    return classes, Offer(schemas, tuple(notes), is_broken, discovery.directories, tuple(sorted(discovery.files)))


def _own_names(discovery: Discovery) -> list[str]:
    own = (entry for entry in tasks if discovery.has(entry) and not entry.origin.module.startswith("flowrun."))
    return sorted({entry.name for entry in own})


def _only(entries: list[Entry[Task]], discovery: Discovery) -> Entry[Task]:
    if len(entries) > 1:
        places = " and ".join(discovery.shown(str(entry.origin)) for entry in entries)
        raise TypeError(f"{len(entries)} classes or functions have this name: {places}")
    return entries[0]


def _schema(cls: type[Task]) -> Any:
    from ..schema import parameter_schema

    return parameter_schema(cls)


def _of_broken(module: BrokenModule, discovery: Discovery) -> str:
    return f"{discovery.shown(str(module.place))} cannot be imported: {module.error}"


def _modules_below(directory: str) -> Iterator[str]:
    yield from (str(path) for path in Path(directory).rglob("*.py"))
