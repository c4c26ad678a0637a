"""Formats in which a job definition can be kept: YAML, and those that users register with `@job_definition`."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from flowrun.errors import DefinitionError, UsageError

from .model import JobDefinition


class LoadParams(BaseModel):
    """The values of `$SYS{}`."""

    model_config = ConfigDict(extra="forbid")

    APP_ROOT_DIR: str = "."
    """The project root: relative paths in a job start there."""


_DEFAULT = LoadParams()


class SerializableJobDefinition(ABC):
    """A format: how a job definition is read from a file and written to one."""

    @abstractmethod
    def load(
        self, filename: Path | str, params: LoadParams = _DEFAULT, vars: dict[str, str] | None = None
    ) -> JobDefinition:
        """Called for a job whose `--type` is this format. `vars` are the values of `$VAR{}`."""

    @abstractmethod
    def dump(self, jdef: JobDefinition, filename: Path | str) -> None:
        """Called for writing `jdef` such that `load` gives it back."""


Format = TypeVar("Format", bound=type[SerializableJobDefinition])

_formats: dict[str, list[type[SerializableJobDefinition]]] = {}


def job_definition(key: str) -> Callable[[Format], Format]:
    """Register a format under `key`. Raises TypeError for what does not extend SerializableJobDefinition."""

    def register(cls: Format) -> Format:
        if not (isinstance(cls, type) and issubclass(cls, SerializableJobDefinition)):
            raise TypeError(f"@job_definition needs a class that extends `SerializableJobDefinition`: {cls!r}")
        others = [other for other in _formats.get(key, ()) if _whereabouts(other) != _whereabouts(cls)]
        _formats[key] = [*others, cls]
        return cls

    return register


def format_of(key: str) -> type[SerializableJobDefinition]:
    """The format that is registered under `key`; `yaml` is, once `jobdefinition.yamlformat` is imported.

    Raises UsageError if there is none, DefinitionError if there are two.
    """
    found = _formats.get(key, [])
    if not found:
        raise UsageError(f"no format is called `{key}`; there are: {', '.join(sorted({'yaml', *_formats}))}")
    if len(found) > 1:
        places = " and in ".join(_whereabouts(cls)[0] for cls in found)
        raise DefinitionError(f"the format `{key}` is defined twice: in {places}")
    return found[0]


def _whereabouts(cls: type) -> tuple[str, str]:
    module = sys.modules.get(cls.__module__)
    return getattr(module, "__file__", None) or cls.__module__, cls.__qualname__
