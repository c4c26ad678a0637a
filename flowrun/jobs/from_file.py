"""From a file: the members of a job that is written in YAML."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import definition_error
from ..jobdefinition import TaskDefinition, load
from ..jobdefinition.keypath import KeyPath
from ..jobdefinition.origins import Origins
from ..project_root import find_root
from .group import Parallel, Serial
from .member import Member

if TYPE_CHECKING:
    from .job import Job


def fill_from_file(job: Job, path: Path, variables: Mapping[str, str]) -> None:
    """Add what is in a job file to a job that is empty. Raises DefinitionError."""
    file = Path(os.path.abspath(path))
    root = job.given_root or find_root(file, Path.cwd())
    loaded = load(path, root=Path(root), variables=variables, environ=os.environ)
    if loaded.written is None or loaded.problems:
        raise definition_error(loaded.problems)
    sections = loaded.written.model_dump(by_alias=True, exclude_unset=True)
    del sections["tasks"]
    job.given_root, job.name, job.sections = root, loaded.written.config.name, sections
    for name, task in loaded.written.tasks.items():
        job.add(_member(name, task, ("tasks", name), loaded.origins))


def _member(name: str, task: TaskDefinition, path: KeyPath, origins: Origins) -> Member[Any]:
    keys = task.model_dump(by_alias=True, exclude_unset=True, exclude={"variant", "parameters", "serial", "parallel"})
    if task.is_group:
        kind, group = ("serial", Serial) if task.serial is not None else ("parallel", Parallel)
        made = group(name=name, **keys)
        for short, member in task.members.items():
            made.add(_member(short, member, (*path, kind, short), origins))
        made.place = origins.key(path)
        return made
    one: Member[Any] = Member(task.variant, name, task.parameters, **keys)
    one.place = origins.key(path)
    return one
