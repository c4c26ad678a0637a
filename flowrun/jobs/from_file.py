"""From a file: what a job that is written in YAML is made of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import definition_error
from ..jobdefinition import Outside, TaskDefinition, load
from ..jobdefinition.keypath import KeyPath
from ..jobdefinition.origins import Origins
from ..project_root import find_root
from .group import Parallel, Serial
from .member import Member


class JobInFile(NamedTuple):
    """What a job file says."""

    root: Path
    name: str
    sections: dict[str, Any]
    """All but `tasks`."""
    members: list[Member[Any]]


def read_job(path: Path, root: str | Path | None, variables: Mapping[str, str]) -> JobInFile:
    """Read a job file. Without `root`, the project root is found from it. Raises DefinitionError."""
    found = Path(root or find_root(Path(os.path.abspath(path)), Path.cwd()))
    loaded = load(path, Outside(found, os.environ, variables))
    if loaded.written is None or loaded.problems:
        raise definition_error(loaded.problems)
    sections = loaded.written.model_dump(by_alias=True, exclude_unset=True)
    del sections["tasks"]
    tasks = loaded.written.tasks.items()
    members = [_member(name, task, ("tasks", name), loaded.origins) for name, task in tasks]
    return JobInFile(found, loaded.written.config.name, sections, members)


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
