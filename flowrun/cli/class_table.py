"""Classes of one kind as rows: name, origin, first line of the description, parameters."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..defaults import given_keys, markers_of

if TYPE_CHECKING:
    from ..discovery import Discovery
    from ..registry import Entry, Registry

KINDS = ("tasks", "loggers", "extensions", "checkpointers", "executors", "secrets")


@dataclass(frozen=True)
class ParameterRow:
    """One field of a class."""

    name: str
    type: str
    required: bool
    default: str
    description: str


@dataclass(frozen=True)
class ClassRow:
    """One class that a job can name."""

    name: str
    origin: str
    """File and line, or `bundled`."""
    description: str
    parameters: tuple[ParameterRow, ...]
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Keys of a task that its decorator gives."""


def class_rows(kind: str, discovery: Discovery) -> list[ClassRow]:
    """The classes of one of `KINDS`: those of the project by name, then those that ship in the box."""
    registry = _registry(kind)
    own = {
        (entry.name, str(entry.origin)): _own_row(entry, _origin(entry.origin.file, entry.origin.line, discovery))
        for entry in registry
        if discovery.has(entry) and not entry.origin.module.startswith("flowrun.")
    }
    return [*(own[key] for key in sorted(own)), *_bundled(registry.kind)]


def first_line(cls: type[Any]) -> str:
    """The first line of the class's own docstring."""
    text = inspect.cleandoc(vars(cls).get("__doc__") or "")
    return text.partition("\n")[0]


def parameters_of(cls: type[BaseModel]) -> tuple[ParameterRow, ...]:
    """The fields of a class, in their order."""
    results = {key: repr(marker) for key, marker in markers_of(cls).items()}
    return tuple(_parameter(name, field, results) for name, field in cls.model_fields.items())


def _registry(kind: str) -> Registry[Any]:
    from ..checkpointer.checkpointer import checkpointers
    from ..executors.executor import executors
    from ..extensions.extension import extensions
    from ..loggers.logger import loggers
    from ..secrets.secrets import sources
    from ..task import tasks

    registries: dict[str, Registry[Any]] = dict(
        zip(KINDS, (tasks, loggers, extensions, checkpointers, executors, sources), strict=True)
    )
    return registries[kind]


def _bundled(kind: str) -> Iterator[ClassRow]:
    from ..bundled import BUNDLED, bundled_class

    for name in BUNDLED.get(kind, ()):
        cls = bundled_class(kind, name)
        if cls is not None:
            yield _row(name, "bundled", cls)


def _own_row(entry: Entry[Any], origin: str) -> ClassRow:
    try:
        row = _row(entry.name, origin, entry.cls)
    except Exception as error:  # the types and defaults in the signature of a function are the user's code
        return ClassRow(entry.name, origin, f"cannot be used: {error}", ())
    return replace(row, defaults={key: _literal(value) for key, value in given_keys(entry.cls).items()})


def _row(name: str, origin: str, cls: type[Any]) -> ClassRow:
    return ClassRow(name, origin, first_line(cls), parameters_of(cls))


def _origin(file: str, line: int, discovery: Discovery) -> str:
    return f"{discovery.shown(file)}:{line}" if line else discovery.shown(file)


def _parameter(name: str, field: FieldInfo, results: Mapping[str, str]) -> ParameterRow:
    key = field.alias or name
    required = field.is_required() and key not in results
    default = results.get(key) or ("" if required else "…" if field.default_factory else _literal(field.default))
    return ParameterRow(key, _shown(field.annotation), required, default, field.description or "")


def _shown(annotation: Any) -> str:
    """As a person writes the type: Python 3.13 keeps that of paths in a module of another name."""
    return inspect.formatannotation(annotation).replace("pathlib._local.", "pathlib.")


def _literal(default: object) -> str:
    """As it is written in a job file, where that is known: a path is text there."""
    return repr(str(default)) if isinstance(default, PurePath) else repr(default)
