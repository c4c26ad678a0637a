"""Declarations: where the field of a class stands, and how it is written there."""

from __future__ import annotations

import inspect
import sys
from typing import Any, get_args

from pydantic import BaseModel

from ..discovery import Discovery
from ..jobdefinition.keypath import KeyPath


class Declarations:
    """Reads the source of classes, only for those of which a parameter is wrong, and each once."""

    def __init__(self, discovery: Discovery) -> None:
        self._discovery = discovery
        self._notes: dict[tuple[type[Any], str], str | None] = {}
        self._fields: dict[type[Any], dict[str, tuple[int, str]]] = {}

    def note(self, cls: type[BaseModel], keys: KeyPath) -> str | None:
        """A sentence about the field that `keys` lead to from `cls`, as in "declared in tasks/a.py:3 as `x: int`"."""
        names = [key for key in keys if isinstance(key, str)]
        for length in range(len(names), 0, -1):
            for model in models_at(cls, names[: length - 1]):
                if field := field_named(model, names[length - 1]):
                    return self._remembered(model, field)
        return None

    def _remembered(self, model: type[BaseModel], field: str) -> str | None:
        if (model, field) not in self._notes:
            self._notes[model, field] = self._sentence(model, field)
        return self._notes[model, field]

    def _sentence(self, model: type[BaseModel], field: str) -> str | None:
        if (function := vars(model).get("__function__")) is not None:
            return self._sentence_of_function(function.target, model.model_fields[field].alias or field)
        from .source import fields_of_class

        for cls in model.__mro__:
            file = getattr(sys.modules.get(cls.__module__), "__file__", None)
            if file is None or cls is BaseModel or not issubclass(cls, BaseModel):
                continue
            if cls not in self._fields:
                self._fields[cls] = fields_of_class(file, cls.__name__)
            if field in self._fields[cls]:
                line, text = self._fields[cls][field]
                return f"declared in {self._discovery.shown(file)}:{line} as `{text}`"
        return None

    def _sentence_of_function(self, function: Any, parameter: str) -> str | None:
        from .source import parameters_of_function

        code = inspect.unwrap(function).__code__
        if found := parameters_of_function(code.co_filename, code.co_firstlineno).get(parameter):
            line, text = found
            return f"declared in {self._discovery.shown(code.co_filename)}:{line} as `{text}`"
        return None


def models_at(cls: type[BaseModel], keys: KeyPath | list[str]) -> list[type[BaseModel]]:
    """The models that the value at `keys`, seen from `cls`, may be."""
    models = [cls]
    for key in keys:
        if isinstance(key, str):
            models = [
                below
                for model in models
                if (field := field_named(model, key))
                for below in _models_in(model.model_fields[field].annotation)
            ]
    return models


def field_named(model: type[BaseModel], key: str) -> str | None:
    """The field that a key of a job file fills: by its name or by its alias."""
    if key in model.model_fields:
        return key
    fields = model.model_fields.items()
    return next((name for name, field in fields if key in (field.alias, field.validation_alias)), None)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]
