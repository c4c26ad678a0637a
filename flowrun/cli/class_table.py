"""Classes of one kind as rows: name, origin, first line of the description, parameters."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

if TYPE_CHECKING:
    from ..discovery import Discovery
    from ..registry import Registry

KINDS = ("tasks", "loggers", "extensions", "checkpointers", "executors")


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


def class_rows(kind: str, discovery: Discovery) -> list[ClassRow]:
    """The classes of one of `KINDS`: those of the project by name, then those that ship in the box."""
    registry = _registry(kind)
    own = {
        (entry.name, str(entry.origin)): _row(
            entry.name, _origin(entry.origin.file, entry.origin.line, discovery), entry.cls
        )
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
    return tuple(_parameter(name, field) for name, field in cls.model_fields.items())


def _registry(kind: str) -> Registry[Any]:
    from ..checkpointer.checkpointer import checkpointers
    from ..executors.executor import executors
    from ..extensions.extension import extensions
    from ..loggers.logger import loggers
    from ..task import tasks

    registries: dict[str, Registry[Any]] = dict(
        zip(KINDS, (tasks, loggers, extensions, checkpointers, executors), strict=True)
    )
    return registries[kind]


def _bundled(kind: str) -> Iterator[ClassRow]:
    from ..bundled import BUNDLED, bundled_class

    for name in BUNDLED.get(kind, ()):
        cls = bundled_class(kind, name)
        if cls is not None:
            yield _row(name, "bundled", cls)


def _row(name: str, origin: str, cls: type[Any]) -> ClassRow:
    return ClassRow(name, origin, first_line(cls), parameters_of(cls))


def _origin(file: str, line: int, discovery: Discovery) -> str:
    return f"{discovery.shown(file)}:{line}" if line else discovery.shown(file)


def _parameter(name: str, field: FieldInfo) -> ParameterRow:
    required = field.is_required()
    default = "" if required else "…" if field.default_factory else _literal(field.default)
    return ParameterRow(
        field.alias or name, inspect.formatannotation(field.annotation), required, default, field.description or ""
    )


def _literal(default: object) -> str:
    """As it is written in a job file, where that is known: a path is text there."""
    return repr(str(default)) if isinstance(default, PurePath) else repr(default)
