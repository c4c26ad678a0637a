"""JobLibrary: jobs by name, from the project, the user and installed packages."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from .dataclass import dataclass
from .errors import definition_error
from .problem import Place, Problem

SUFFIXES = (".yaml", ".yml")

PROJECT, USER, PACKAGE = "project", "user", "package"
"""Where a job comes from; the first that has a name stands above the others."""

_MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Shelf:
    """One directory of the library."""

    directory: Path
    origin: str
    """`project`, `user` or `package`."""
    package: str = ""


@dataclass(frozen=True, slots=True)
class NamedJob:
    """A job file that can be named without its path."""

    name: str
    path: Path
    origin: str
    package: str = ""
    is_shadowed: bool = False
    """Another one of this name stands above it."""

    @property
    def is_of_project(self) -> bool:
        """It lies in the project in which it runs."""
        return self.origin == PROJECT


class JobLibrary:
    """The jobs that can be named: `NAME` is the file `NAME.yaml` in one of the directories."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        """`root` is the project root."""
        self._root = root
        self._environ = environ

    @cached_property
    def shelves(self) -> list[Shelf]:
        """All directories, in the order in which a name is looked up, whether they exist or not."""
        return [*self._own, *self._of_packages]

    @property
    def project_directories(self) -> list[Path]:
        """Those of the project; the first is where new jobs go."""
        return [shelf.directory for shelf in self._own if shelf.origin == PROJECT]

    @property
    def user_directory(self) -> Path:
        """Where new jobs of the user go."""
        return next(shelf.directory for shelf in self._own if shelf.origin == USER)

    def jobs(self) -> list[NamedJob]:
        """All jobs, in the order of the directories. Those that another of the same name hides are marked."""
        seen: set[str] = set()
        found = []
        for shelf in self.shelves:
            for name, path in _jobs_on(shelf.directory):
                found.append(NamedJob(name, path, shelf.origin, shelf.package, name in seen))
                seen.add(name)
        return found

    def find(self, name: str) -> NamedJob | None:
        """The job of a name. Installed packages are asked only if nobody else has it."""
        for shelves in (self._own, self._of_packages):
            for shelf in shelves:
                for suffix in SUFFIXES:
                    path = shelf.directory / f"{name}{suffix}"
                    if path.is_file():
                        return NamedJob(name, path, shelf.origin, shelf.package)
        return None

    def named(self, name: str) -> NamedJob:
        """The same, but raises DefinitionError, which tells where was searched, if there is none."""
        found = self.find(name)
        if found is not None:
            return found
        from difflib import get_close_matches

        names = [job.name for job in self.jobs() if not job.is_shadowed]
        near = get_close_matches(name, names, 1)
        label = f"did you mean `{near[0]}`?" if near else ""
        there = f"jobs there: {_some(names)}" if names else "there is no job in any of them"
        searched = f"searched {', '.join(str(shelf.directory) for shelf in self.shelves)}"
        problem = Problem("FR116", f"no job is named `{name}`", Place(name), "", label, (searched, there))
        raise definition_error([problem])

    @cached_property
    def _own(self) -> list[Shelf]:
        project = _paths(self._environ.get("FLOWRUN_PROJECT_JOBS", ""), self._root)
        user = _paths(self._environ.get("FLOWRUN_USER_JOBS", ""), self._root)
        return [
            *(Shelf(path, PROJECT) for path in project or (self._root / "jobs", self._root / "jobdefs")),
            *(Shelf(path, USER) for path in user or (_configuration(self._environ) / "flowrun" / "jobs",)),
        ]

    @cached_property
    def _of_packages(self) -> list[Shelf]:
        from importlib.metadata import entry_points

        points = sorted(entry_points(group="flowrun.jobs"), key=lambda point: (point.name, point.value))
        return [Shelf(path, PACKAGE, point.value) for point in points for path in _places_of(point.value)]


def _paths(text: str, root: Path) -> list[Path]:
    return [root / os.path.expanduser(part) for part in text.split(os.pathsep) if part]


def _configuration(environ: Mapping[str, str]) -> Path:
    given = environ.get("XDG_CONFIG_HOME", "")
    return Path(given) if os.path.isabs(given) else Path(environ.get("HOME") or os.path.expanduser("~")) / ".config"


def _places_of(package: str) -> Iterator[Path]:
    """The directories of an installed package, which is not imported itself."""
    from importlib.util import find_spec

    try:
        spec = find_spec(package)
    except (ImportError, ValueError):  # it is no longer whole; the next one may be
        return
    yield from map(Path, (spec.submodule_search_locations or ()) if spec else ())


def _jobs_on(directory: Path) -> Iterable[tuple[str, Path]]:
    try:
        files = sorted(file for file in directory.iterdir() if file.suffix in SUFFIXES and file.is_file())
    except OSError:  # most of them do not exist
        return []
    first: dict[str, Path] = {}
    for file in files:
        first.setdefault(file.stem, file)
    return first.items()


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return ", ".join(names[:_MOST_SHOWN]) + more
