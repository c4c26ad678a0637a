"""Discovery: import the modules of a project so that their decorators run, and tell its classes from others."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from ..bundled import bundled_class
from ..dataclass import dataclass
from ..registry import Entry, Origin, Registry
from .project_modules import ProjectModules
from .walk import BrokenModule, ModuleWalk, Remark

T = TypeVar("T")

DEFAULT_DIRECTORIES = ("tasks", "extensions", "loggers")
"""Searched below the project root where they exist."""


class Unusable(NamedTuple):
    """An entry of `config.extension_directories` or `config.extension_packages` that cannot be searched."""

    path: tuple[str | int, ...]
    code: str
    message: str


@dataclass(frozen=True, eq=False)
class Discovery:
    """What was found below one project root. All paths are absolute."""

    root: Path
    directories: tuple[str, ...] = ()
    """Searched, in this order."""
    packages: tuple[str, ...] = ()
    """Installed packages that were searched."""
    modules: tuple[str, ...] = ()
    """Names of the modules that were imported."""
    files: frozenset[str] = frozenset()
    """The files of these modules."""
    broken: tuple[BrokenModule, ...] = ()
    unusable: tuple[Unusable, ...] = ()
    left_out: tuple[str, ...] = ()
    """Python files that were not imported because their name is not the name of a module."""
    remarks: tuple[Remark, ...] = ()

    def has(self, entry: Entry[T]) -> bool:
        """The class belongs to this project, or to none: then it was registered by hand, as in a driver script."""
        return entry.origin.file in self.files or entry.origin.file not in _files_ever

    def shown(self, file: str) -> str:
        """A file as a person would name it: from the project root if it is below it."""
        root = os.path.join(self.root, "")
        return file.removeprefix(root)


_projects: dict[str, ProjectModules] = {}  # like `sys.modules`, which it completes: one for the process
_files_ever: set[str] = set()  # of all projects, with the modules that broke


def discover(root: Path, directories: Sequence[str] = (), packages: Sequence[str] = ()) -> Discovery:
    """Import what is below `tasks`, `extensions` and `loggers` of `root`, then `directories`, then `packages`.

    `directories` are paths, relative to `root`; `packages` are names of installed packages.
    Modules that were imported before and did not change are not run again. Nothing is printed and nothing raised
    but KeyboardInterrupt: what went wrong is in the answer.
    """
    top = os.path.abspath(root)
    project = _enter(top)
    loaded_before = frozenset(sys.modules)
    walk = ModuleWalk(top, project)
    searched, unusable = _directories(top, directories)
    for directory in searched:
        walk.directory(directory)
    for index, package in enumerate(packages):
        if error := walk.package(package):
            unusable.append(Unusable(("config", "extension_packages", index), "FR408", error))
    project.keep(list(sys.modules.keys() - loaded_before))
    files = frozenset([*walk.files, *project.helper_files])
    _files_ever.update(files, (one.file for one in walk.broken))
    return Discovery(
        root=Path(top),
        directories=tuple(searched),
        packages=tuple(packages),
        modules=tuple(walk.modules),
        files=files,
        broken=tuple(walk.broken),
        unusable=tuple(unusable),
        left_out=tuple(walk.left_out),
        remarks=tuple(walk.remarks),
    )


def find(registry: Registry[T], name: str, discovery: Discovery) -> list[Entry[T]]:
    """The classes that a job may mean by `name`: one is the answer, none is unknown, several are a clash.

    A class of the project comes before what ships in the box; entry points are asked last.
    """
    found = _visible(registry, name, discovery)
    if not found and (cls := bundled_class(registry.kind, name)) is not None:
        return [Entry(name, cls, Origin(cls.__module__, cls.__module__, 0))]
    if not found:
        load_plugins()
        found = _visible(registry, name, discovery)
    return found


@cache
def load_plugins() -> tuple[str, ...]:
    """Import what installed distributions offer as `flowrun.plugins`, once, and say what could not be imported."""
    from importlib.metadata import entry_points

    failures = []
    for point in entry_points(group="flowrun.plugins"):
        try:
            point.load()
        except Exception as error:
            failures.append(f"{point.value}  {type(error).__name__}: {error}")
    return tuple(failures)


def _visible(registry: Registry[T], name: str, discovery: Discovery) -> list[Entry[T]]:
    """What is defined again in one file stands for the earlier one, as it does in Python."""
    entries = [entry for entry in registry.candidates(name) if discovery.has(entry)]
    found = {(entry.origin.file, entry.qualname.rpartition("<locals>.")[2]): entry for entry in entries}
    own = [entry for entry in found.values() if not entry.origin.module.startswith("flowrun.")]
    return own or list(found.values())


def _enter(root: str) -> ProjectModules:
    for other, project in _projects.items():
        if other != root:
            project.leave()
    known = _projects.get(root)
    if known is None or known.is_changed:
        if known is not None:
            known.leave()
        known = _projects[root] = ProjectModules(root)
    known.enter()
    return known


def _directories(root: str, listed: Sequence[str]) -> tuple[list[str], list[Unusable]]:
    """Where to search, each directory once, and which of the listed ones is none."""
    searched = [path for name in DEFAULT_DIRECTORIES if os.path.isdir(path := os.path.join(root, name))]
    unusable = []
    for index, name in enumerate(listed):
        path = os.path.normpath(os.path.join(root, name))
        where = ("config", "extension_directories", index)
        if os.path.isdir(path):
            searched.append(path)
        elif os.path.lexists(path):
            unusable.append(Unusable(where, "FR407", f"`{name}` is not a directory"))
        else:
            unusable.append(Unusable(where, "FR406", f"there is no directory `{name}`"))
    return list(dict.fromkeys(searched)), unusable
