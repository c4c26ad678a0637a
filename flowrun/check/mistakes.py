"""Mistakes: the errors of Pydantic, brought back to the keys that a person wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..jobdefinition.keypath import KeyPath
from ..jobdefinition.wording import expectation

_EXPECTED = {
    "date_from_datetime_inexact": "a date without a time",
    "date_future": "a date in the future",
    "date_past": "a date in the past",
    "dataclass_type": "a mapping",
    "decimal_max_digits": "a number of at most {max_digits} digits",
    "decimal_max_places": "a number with at most {decimal_places} decimal places",
    "frozen_set_type": "a list",
    "invalid_key": "text",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "multiple_of": "a multiple of {multiple_of}",
    "none_required": "empty",
    "path_not_directory": "a directory that exists",
    "path_not_file": "a file that exists",
    "set_type": "a list",
    "string_pattern_mismatch": "text that matches `{pattern}`",
    "string_too_long": "at most {max_length} characters long",
    "string_too_short": "at least {min_length} characters long",
    "too_long": "a list of at most {max_length} entries",
    "too_short": "a list of at least {min_length} entries",
    "union_tag_invalid": "a mapping whose {discriminator} is one of {expected_tags}",
    "union_tag_not_found": "a mapping with the key {discriminator}",
    "enum": "one of {expected}",
    "literal_error": "one of {expected}",
}
_FAMILIES = {
    "date": "a date such as 2026-01-31",
    "datetime": "a date and time such as 2026-01-31T08:00:00",
    "decimal": "a number",
    "iterable": "a list",
    "list": "a list",
    "mapping": "a mapping",
    "time": "a time such as 08:00:00",
    "timedelta": "a duration such as PT1H30M",
    "url": "a web address",
    "uuid": "a UUID",
}
_Steps = tuple[tuple[bool, Any], ...]  # is it the member of a union, and the key or the name of the member
_STARTS = ("Input should be ", "Input is not ")
_OWN_WORDS = ("value_error", "assertion_error")


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong with the parameters of a class.

    `keys` lead from the parameters to the value. Of a parameter that is unknown or missing the last is the name.
    """

    kind: str
    keys: KeyPath
    expected: str = ""
    """The end of the sentence "... must be"."""
    said: str = ""
    """What a validator of the user's own says about it."""
    is_about_key: bool = False
    """The name in a mapping is wrong, not what stands under it."""


@dataclass(frozen=True)
class _Found:
    """An error on its way: `steps` are keys, and names of the members of a union, which nobody wrote."""

    steps: _Steps
    mistake: Mistake


def mistakes(errors: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any]) -> list[Mistake]:
    """What is wrong with `parameters`, from the errors that validating them gave.

    Of the members of a union only the one that was probably meant is spoken of; if none was, one mistake names all.
    """
    return _settled([_found(error, parameters) for error in errors])


def _found(error: Mapping[str, Any], parameters: Mapping[str, Any]) -> _Found:
    kind, location = error["type"], list(error["loc"])
    is_about_key = bool(location) and location[-1] == "[key]"
    value: Any = parameters
    steps: list[tuple[bool, Any]] = []
    for index, part in enumerate(location[:-1] if is_about_key else location):
        is_missing = kind == "missing" and index == len(location) - 1
        if _holds(value, part):
            value = value[part]
            steps.append((False, part))
        else:
            steps.append((not is_missing, part))
    keys = tuple(key for is_member, key in steps if not is_member)
    expected = _expectation(error)
    said = "" if expected else str(error.get("ctx", {}).get("error", error["msg"]))
    return _Found(tuple(steps), Mistake(kind, keys, expected, said, is_about_key))


def _holds(value: Any, part: Any) -> bool:
    if isinstance(value, Mapping):
        return part in value
    return isinstance(value, list | tuple) and isinstance(part, int) and 0 <= part < len(value)


def _expectation(error: Mapping[str, Any]) -> str:
    """What must stand there, or nothing if a validator speaks for itself."""
    kind, context = error["type"], error.get("ctx", {})
    if kind in _OWN_WORDS:
        return ""
    if words := _EXPECTED.get(kind) or _FAMILIES.get(kind.split("_")[0]):
        return words.format_map({name: str(value).replace("'", "`") for name, value in context.items()})
    known = expectation(error)
    if not known.startswith("valid: "):
        return known
    return next((error["msg"].removeprefix(start) for start in _STARTS if error["msg"].startswith(start)), "")


def _settled(errors: list[_Found]) -> list[Mistake]:
    settled: list[Mistake] = []
    unions: dict[_Steps, list[_Found]] = {}
    for error in errors:
        member = next((index for index, (is_member, _) in enumerate(error.steps) if is_member), None)
        if member is None:
            settled.append(error.mistake)
        else:
            unions.setdefault(error.steps[:member], []).append(error)
    for steps, found in unions.items():
        settled += _settled_union(len(steps), found)
    return settled


def _settled_union(depth: int, errors: list[_Found]) -> list[Mistake]:
    """The mistakes in the member that was meant: one that fits on the outside, with the fewest errors inside."""
    members: dict[Any, list[_Found]] = {}
    for error in errors:
        inner = replace(error, steps=error.steps[:depth] + error.steps[depth + 1 :])
        members.setdefault(error.steps[depth][1], []).append(inner)
    meant = [found for found in members.values() if all(len(error.steps) > depth for error in found)]
    if meant:
        return _settled(min(meant, key=len))
    outside = [error.mistake for found in members.values() for error in found if len(error.steps) == depth]
    expected = dict.fromkeys(mistake.expected for mistake in outside if mistake.expected and not mistake.said)
    said = " or ".join(dict.fromkeys(mistake.said for mistake in outside if mistake.said))
    return [replace(outside[0], kind="union", expected=" or ".join(expected), said="" if expected else said)]
