"""Catalogue: the jobs of a project, as far as they can be known without importing its code."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from ..assemble import JobSource, check_unimported
from ..job_library import PROJECT, JobLibrary
from ..jobdefinition import Loaded
from ..problem import Problem
from .refusal import ProblemBody

_VARIABLE = re.compile(r"(?<!\$)\$VAR\{([^\s:{}$]+)(?::((?:\\\}|[^}\n$])*))?\}")
PLACEHOLDER = "0"
"""What stands for a variable that has no value yet, so that the rest of a job can be read."""
_LARGEST = 4 * 1024 * 1024
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class KnownJob:
    """A job as its file is now."""

    name: str
    title: str
    """What it is called on the command line: the name of its file."""
    file: str
    """Relative to the project root where it lies below it."""
    tasks: int
    problems: tuple[ProblemBody, ...]
    variables: Mapping[str, Any]
    """JSON Schema."""
    paths: Mapping[str, tuple[str | int, ...]]
    """Where members of groups are written."""
    parameters: Mapping[str, Mapping[str, Any]]
    """What the job file gives to each task."""
    variants: Mapping[str, str]
    stamp: Stamp


class Catalogue:
    """The jobs of a project; a file is read again when it, or a file that it includes, has changed."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self._root = root
        self._environ = environ
        self._known: dict[str, KnownJob] = {}
        self._lock = Lock()

    def jobs(self, further: Iterable[str] = ()) -> dict[str, KnownJob]:
        """Those that have names, then those in `further` files, by the name in their definition.

        Of jobs with the same name all but the first are called after their file.
        """
        found: dict[str, KnownJob] = {}
        with self._lock:
            for file in dict.fromkeys((*self._files(), *further)):
                job = self._job(file)
                if job is not None:
                    called = next((name for name in (job.name, job.title) if name not in found), file)
                    found[called] = job
        return found

    def path(self, file: str) -> Path:
        """Where a job file lies."""
        return self._root / file

    def _files(self) -> list[str]:
        library = JobLibrary(self._root, self._environ)
        jobs = [job for job in library.jobs() if job.origin == PROJECT and not job.is_shadowed]
        return [_near(str(job.path), self._root) for job in jobs]

    def _job(self, file: str) -> KnownJob | None:
        known = self._known.get(file)
        if known is not None and _stamp(self._root, [name for name, *_ in known.stamp]) == known.stamp:
            return known
        path = self._root / file
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        self._known[file] = job = self._read(file, path)
        return job

    def _read(self, file: str, path: Path) -> KnownJob:
        named = _variables_in([path])
        loaded, checked, given = self._loaded(path, named)
        named = _variables_in(self._root / name for name in loaded.files) or named
        if set(_needed(named)) - set(given):  # an included file asks for more
            loaded, checked, given = self._loaded(path, named)
        definition, flat = loaded.definition, loaded.flat
        tasks = definition.tasks if definition else {}
        return KnownJob(
            name=definition.config.name if definition is not None else path.stem,
            title=path.stem,
            file=file,
            tasks=sum(not task.is_group for task in tasks.values()),
            problems=tuple(_problem(one, self._root) for one in checked) if not given else (),
            variables=schema_of_variables(named, definition.vars if definition else {}),
            paths=dict(flat.paths),
            parameters={name: task.parameters for name, task in tasks.items() if not task.is_group},
            variants={name: str(task.variant) for name, task in tasks.items() if not task.is_group},
            stamp=_stamp(self._root, [file, *(_near(one, self._root) for one in loaded.files)]),
        )

    def _loaded(self, path: Path, named: Mapping[str, str | None]) -> tuple[Loaded, Sequence[Problem], dict[str, str]]:
        """The job, what is wrong with it, and what was taken for variables that have no default."""
        given = dict.fromkeys(_needed(named), PLACEHOLDER)
        source = JobSource(str(path), root=self._root, variables=given)
        loaded, checked = check_unimported(source, cwd=self._root, environ=self._environ)
        return loaded, checked.problems, given


def _variables_in(files: Iterable[Path]) -> dict[str, str | None]:
    """The variables that are named in some files, with their defaults; None: somewhere there is none."""
    found: dict[str, str | None] = {}
    for file in files:
        try:
            text = file.read_text("utf-8", "replace")
        except OSError:
            continue
        for match in _VARIABLE.finditer(text):
            default = match[2].replace("\\}", "}") if match[2] is not None else None
            if default is None or match[1] not in found:
                found[match[1]] = default
    return found


def _needed(named: Mapping[str, str | None]) -> list[str]:
    """The variables that a run must be given."""
    return [name for name, default in named.items() if default is None]


def schema_of_variables(named: Mapping[str, str | None], section: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of what may be given: variables of the text, and the section `vars:`."""
    properties: dict[str, Any] = {}
    for name, value in section.items():
        kind = _TYPES.get(type(value))
        if kind is not None:
            properties[name] = {"type": kind, "default": value, "description": f"vars.{name}"}
    for name, default in named.items():
        properties[name] = {
            "type": "string",
            **({} if default is None else {"default": default}),
            "description": f"$VAR{{{name}}}",
        }
    return {"type": "object", "properties": properties, "required": _needed(named), "additionalProperties": False}


def _problem(problem: Problem, root: Path) -> ProblemBody:
    return {
        "code": problem.code,
        "message": problem.message,
        "file": _near(problem.place.file, root),
        "line": problem.place.line,
        "column": problem.place.column,
        "path": problem.path,
        "hint": problem.label,
        "notes": list(problem.notes),
    }


def _near(file: str, root: Path) -> str:
    """The path relative to the project root where it lies below it."""
    whole = os.path.abspath(root / file)
    return os.path.relpath(whole, root) if whole.startswith(f"{root}{os.sep}") else whole


def _stamp(root: Path, files: Iterable[str]) -> Stamp:
    stamps = []
    for file in dict.fromkeys(files):
        try:
            status = (root / file).stat()
        except OSError:
            stamps.append((file, 0, 0))
        else:
            stamps.append((file, status.st_mtime_ns, status.st_size))
    return tuple(stamps)
