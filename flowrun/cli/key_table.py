"""The keys of job files with what they take and mean, as the schema of job files says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_NAMED = ("tasks", "loggers", "extensions", "executors", "pools", "secrets")
"""Sections whose entries have names that the user chooses."""

_SECTIONS = (
    ("config.", "ConfigurationDefinition"),
    ("tasks.*.", "TaskDefinition"),
    ("tasks.*.approve.", "ApprovalDefinition"),
    ("tasks.*.backoff.", "Backoff"),
    ("tasks.*.cache.", "CacheDefinition"),
    ("loggers.*.", "LoggerDefinition"),
    ("extensions.*.", "ExtensionDefinition"),
    ("checkpointer.", "CheckpointerDefinition"),
    ("executors.*.", "ExecutorDefinition"),
    ("pools.*.", "PoolDefinition"),
    ("secrets.*.", "SecretsDefinition"),
)

_WORDS = {"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "null": ""}


@dataclass(frozen=True)
class KeyRow:
    """One key: its path with `*` for names that the user chooses."""

    path: str
    takes: str
    required: bool
    default: str
    """As it would be written; empty if there is none."""
    meaning: str


def key_rows() -> Iterator[KeyRow]:
    """Every key of a job file, section by section."""
    from ..jobdefinition import JobDefinition

    schema = JobDefinition.model_json_schema()
    yield from _rows("", schema)
    for prefix, definition in _SECTIONS:
        yield from _rows(prefix, schema["$defs"][definition])


def rows_for(subject: str) -> list[KeyRow]:
    """The keys that are meant by a path (`tasks.load.timeout`, `config`), or by the last part of one (`timeout`).

    A path to a section brings the keys in it along.
    """
    path = _general(subject.strip("."))
    rows = list(key_rows())
    within = [row for row in rows if row.path == path or row.path.startswith(f"{path}.")]
    return within or [row for row in rows if row.path.rpartition(".")[2] == path]


def _general(path: str) -> str:
    """The path with `*` in the place of a name that the user chose."""
    from ..jobdefinition.keypath import entry_length

    steps = path.split(".")
    if len(steps) > 1 and steps[0] in _NAMED:
        steps[1 : entry_length(tuple(steps))] = ["*"]
    return ".".join(steps)


def _rows(prefix: str, schema: dict[str, Any]) -> Iterator[KeyRow]:
    for name, one in schema["properties"].items():
        default = one.get("default")
        yield KeyRow(
            path=prefix + name,
            takes=_takes(one),
            required=name in schema.get("required", ()),
            default="" if default is None or isinstance(default, dict) else json.dumps(default),
            meaning=" ".join(one.get("description", "").split()),
        )


def _takes(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if forms := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(words for form in forms if (words := _takes(form))))
    if schema.get("type") == "array":
        return f"a list of {_takes(schema.get('items', {})).removeprefix('a ')}"
    is_anything = not {"type", "$ref"} & schema.keys()
    return "any value" if is_anything else _WORDS.get(schema.get("type", ""), "a mapping")
