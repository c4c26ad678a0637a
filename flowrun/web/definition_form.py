"""The JSON form of a job definition: merged, as YAML, and where each value was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from typing_extensions import TypedDict

from ..history.definition import Definition
from ..jobdefinition.keypath import spelled


class WrittenAt(TypedDict):
    """A place in a file."""

    file: str
    line: int
    column: int


class OriginBody(TypedDict):
    """A value, where it was written, and what it replaced."""

    path: str
    value: Any
    file: str
    line: int
    column: int
    overridden: list[WrittenAt]


class DefinitionBody(TypedDict):
    """A job definition."""

    definition: dict[str, Any]
    origins: list[OriginBody]
    yaml: str


def of_history(definition: Definition | None) -> DefinitionBody:
    """That of a run."""
    if definition is None:
        return {"definition": {}, "origins": [], "yaml": ""}
    merged = dict(definition.merged)
    origins: list[OriginBody] = []
    for path, value in leaves(merged):
        if (place := definition.origins.get(path)) is not None:
            file, _, line = place.rpartition(":")
            known = line.isdigit() and file
            origins.append(
                {
                    "path": path,
                    "value": value,
                    "file": file if known else place,
                    "line": int(line) if known else 0,
                    "column": 0,
                    "overridden": [],
                }
            )
    return {"definition": merged, "origins": origins, "yaml": as_yaml(merged)}


def of_commands(shown: Any, origins: Any, root: Path) -> DefinitionBody:
    """That of a job, as `flowrun show --json` and `flowrun show --origin --json` have told it; files from the root."""
    merged = shown["definition"]
    return {
        "definition": merged,
        "origins": [_from_root(one, root) for one in origins["values"]],
        "yaml": as_yaml(merged),
    }


def _from_root(origin: OriginBody, root: Path) -> OriginBody:
    def near(file: str) -> str:
        return file.removeprefix(f"{root}/")

    overridden: list[WrittenAt] = [{**place, "file": near(place["file"])} for place in origin["overridden"]]
    return {**origin, "file": near(origin["file"]), "overridden": overridden}


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every value in it that has nothing inside, with its path."""
    inside: list[tuple[str | int, Any]] = []
    if isinstance(value, Mapping):
        inside = [(str(key), below) for key, below in value.items()]
    elif isinstance(value, list):
        inside = list(enumerate(value))
    if not inside:
        yield spelled(path), value
    for key, below in inside:
        yield from leaves(below, (*path, key))


def as_yaml(merged: Mapping[str, Any]) -> str:
    """The definition as one job file."""
    return yaml.dump(dict(merged), Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=2**30)
