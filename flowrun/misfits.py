"""Misfits: what Pydantic has against values, in one line for a person."""

from __future__ import annotations

from pydantic import ValidationError

_LONGEST_VALUE = 100


def misfits(error: ValidationError) -> str:
    """What is wrong with each value: where, what was expected, what was found."""
    return "; ".join(_misfit(str(it["msg"]), it["loc"], it["input"]) for it in error.errors(include_url=False))


def _misfit(what: str, path: tuple[int | str, ...], given: object) -> str:
    what = what.removeprefix("Value error, ")
    if not path:
        return what
    text = repr(given)
    shown = text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
    return f"`{'.'.join(map(str, path))}`: {what}, found {shown}"
