"""Dump: a job definition as the text of a job file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from yaml.cyaml import CSafeDumper
from yaml.nodes import Node, ScalarNode
from yaml.resolver import Resolver

from flowrun.errors import DefinitionError

from .keypath import KeyPath, spelled
from .model import JobDefinition
from .origins import Origins
from .scalars import STR, tag_of
from .variables import escape, is_tainted

_TEXT = "tag:yaml.org,2002:str"


def dump(definition: JobDefinition, origins: Origins | None = None) -> str:
    """The definition as YAML that loads to an equal one. Keys are spelled as in job files, those not given left out.

    With `origins`, what came from the environment is written as `$ENV{}` again; without them, as its value.
    Raises DefinitionError for a value that YAML cannot hold.
    """
    # PyYAML folds lines at 80 columns unless it is told otherwise.
    text = yaml.dump(sections_of(definition, origins), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**30)
    return str(text)


def sections_of(definition: JobDefinition, origins: Origins | None = None) -> dict[str, Any]:
    """The definition as `dump` writes it, as values that YAML and JSON can hold."""
    sections = definition.model_dump(by_alias=True, exclude_unset=True)
    whole = sections if "tasks" in sections else {**sections, "tasks": {}}
    plain: dict[str, Any] = _Plain(origins or Origins()).of(whole, ())
    return plain


class _Plain:
    """Makes of the values in a definition what YAML can hold."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins

    def of(self, value: Any, path: KeyPath) -> Any:
        if isinstance(value, Mapping):
            return {self._key((*path, key)): self.of(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.of(item, (*path, index)) for index, item in enumerate(value)]
        written = self._origins.shown(path)
        if written and self._origins.is_tainted(path):
            return written
        return self._scalar(value, path)

    def _key(self, path: KeyPath) -> Any:
        key, written = path[-1], self._origins.steps(path)[-1]
        return written if written != key and is_tainted(str(written)) else self._scalar(key, path)

    def _scalar(self, value: Any, path: KeyPath) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        text = value if isinstance(value, str) else _text_of(value)
        if text is None or not _is_unicode(text):
            message = f"`{spelled(path)}` cannot stand in a job file: it is no text, number, list or mapping"
            raise DefinitionError(message)
        return escape(text)


class _Dumper(CSafeDumper):
    """Quotes text that a reader of YAML 1.1 or of 1.2 would take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:
        tag = str(Resolver.resolve(self, kind, value, implicit))  # type: ignore[no-untyped-call]
        is_plain_text = kind is ScalarNode and implicit[0] and tag == _TEXT
        return tag if not is_plain_text or tag_of(value) is STR else "tag:yaml.org,2002:" + tag_of(value)


def _text_of(value: Any) -> str | None:
    """The text of a value from Python that a task's field reads back."""
    from datetime import date, time
    from decimal import Decimal
    from pathlib import PurePath
    from uuid import UUID

    return str(value) if isinstance(value, date | time | Decimal | PurePath | UUID) else None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
