"""Filters: what may stand after `|` in an expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2.filters import FILTERS as _OF_JINJA

from .truth import is_true


def _whole_number(value: Any) -> int:
    """A whole number, of text too. Raises ValueError for what is none, instead of answering 0."""
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(f"{value} is no whole number")
    return int(value)


def _json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def _of_json(value: Any) -> Any:
    import json

    return json.loads(value)


def _split(value: str, separator: str | None = None) -> list[str]:
    return value.split(separator)


_TAKEN = (
    "abs",
    "count",
    "d",
    "default",
    "first",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "sum",
    "trim",
    "unique",
    "upper",
)

FILTERS: Mapping[str, Callable[..., Any]] = {
    **{name: _OF_JINJA[name] for name in _TAKEN},
    "bool": is_true,
    "float": float,
    "from_json": _of_json,
    "int": _whole_number,
    "json": _json,
    "split": _split,
    "string": str,
}
"""Every filter that expressions know."""
