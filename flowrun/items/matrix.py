"""Matrix: every combination of the values of some axes, with `include` and `exclude` as GitHub Actions has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from ..errors import ItemsError
from .form import is_open
from .items import Items
from .keys import text_of
from .listed import Listed

MAX_COMBINATIONS = 100_000
_SPECIAL = ("include", "exclude")

Combination = dict[str, Any]


def combinations_of(matrix: Mapping[str, Any]) -> Items:
    """The combinations, with the values of the last axis changing first. Raises ItemsError."""
    refuse_bad_matrix(matrix)
    axes = _axes(matrix)
    combinations = [
        combination
        for values in (product(*axes.values()) if axes else ())
        if not _is_excluded(combination := dict(zip(axes, values, strict=True)), matrix.get("exclude", ()))
    ]
    return Listed(_with_included(combinations, axes, matrix.get("include", ())), _text)


def refuse_bad_matrix(matrix: Mapping[str, Any]) -> None:
    """Raise ItemsError for what has another form. What an expression will give is not looked at."""
    axes = _axes(matrix)
    for name, values in axes.items():
        if not is_open(values) and not _is_list(values):
            raise ItemsError(f"the axis `{name}` must be a list of values", (name,))
    for key in _SPECIAL:
        _refuse_bad_rules(matrix, key, axes)
    if (count := prod(len(values) for values in axes.values() if not is_open(values))) > MAX_COMBINATIONS:
        raise ItemsError(f"the axes have {count:,} combinations; at most {MAX_COMBINATIONS:,} are allowed")


def _refuse_bad_rules(matrix: Mapping[str, Any], key: str, axes: Mapping[str, Any]) -> None:
    rules = matrix.get(key, ())
    if is_open(rules):
        return
    if not _is_list(rules):
        raise ItemsError(f"`{key}` must be a list of mappings", (key,))
    for index, rule in enumerate(rules):
        if not is_open(rule) and (not isinstance(rule, Mapping) or not rule):
            raise ItemsError(f"`{key}` must be a list of mappings that are not empty", (key, index))
        unknown = [name for name in rule if name not in axes] if key == "exclude" and not is_open(rule) else []
        if unknown:
            raise ItemsError(f"`{unknown[0]}` is no axis; there are: {', '.join(axes)}", (key, index, unknown[0]))


def _with_included(
    combinations: list[Combination], axes: Mapping[str, Any], rules: Sequence[Combination]
) -> list[Combination]:
    """Each rule adds to the combinations that it does not contradict; one that fits none is a combination itself."""
    widened = [dict(combination) for combination in combinations]
    more: list[Combination] = []
    for rule in rules:
        fitting = [
            wide
            for wide, combination in zip(widened, combinations, strict=True)
            if all(_is_same(combination[name], value) for name, value in rule.items() if name in axes)
        ]
        for wide in fitting:
            wide.update(rule)
        if not fitting:
            more.append(dict(rule))
    return [*widened, *more]


def _is_excluded(combination: Combination, rules: Sequence[Combination]) -> bool:
    return any(all(_is_same(combination[name], value) for name, value in rule.items()) for rule in rules)


def _is_same(one: Any, other: Any) -> bool:
    """Python takes true for 1."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _axes(matrix: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values for name, values in matrix.items() if name not in _SPECIAL}


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _text(combination: Combination) -> str | None:
    """The values, separated by commas, where each is a single one."""
    texts = [text_of(value) for value in combination.values()]
    return None if None in texts else ",".join(map(str, texts))
