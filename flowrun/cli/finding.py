"""Finding: what is to be said about one job file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import DefinitionError
from ..jobdefinition import JobDefinition
from ..problem import Place, Problem
from .options import source_of


@dataclass(frozen=True)
class Finding:
    """What is to be said about one job file."""

    file: str
    tasks: int = 0
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    def strictly(self) -> Finding:
        """The same, with warnings as errors."""
        return Finding(self.file, self.tasks, errors=(*self.errors, *self.warnings))


def find(given: Mapping[str, Any]) -> Finding:
    """Open the job that is named and collect what is wrong with it."""
    from ..app import open_job

    try:
        job = open_job(source_of(given))
    except DefinitionError as error:
        return Finding(given["job"], errors=_problems(error, given["job"]))
    file = next(iter(job.loaded.files), given["job"])
    return Finding(file, _tasks(job.definition), warnings=job.checked.warnings)


def find_unimported(given: Mapping[str, Any]) -> Finding:
    """As `find`, as far as it can be said without importing a module of the project."""
    from ..app import check_unimported

    loaded, checked = check_unimported(source_of(given))
    file = next(iter(loaded.files), given["job"])
    return Finding(file, _tasks(loaded.definition), checked.problems, checked.warnings)


def _tasks(definition: JobDefinition | None) -> int:
    return sum(not task.is_group for task in definition.tasks.values()) if definition else 0


def _problems(error: DefinitionError, file: str) -> tuple[Problem, ...]:
    return error.problems or (Problem("FR101", str(error), Place(file)),)
