"""What a number may look like in a job file: seconds, whole numbers, numbers."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

_DURATION = "".join(rf"(?:([0-9]+(?:\.[0-9]+)?){unit})?" for unit in ("d", "h", "m", "s", "ms"))
_UNIT_SECONDS = (86400.0, 3600.0, 60.0, 1.0, 0.001)
_SECONDS = "a duration such as `90s`, `10m` or `1h30m`, or a number of seconds"


def expected(what: str) -> PydanticCustomError:
    """The error of a value that is not what its key takes; `what` ends the sentence "... must be"."""
    # Braces would be read as the fields of a template.
    return PydanticCustomError("expected", "{what}", {"what": what})


def seconds(value: Any) -> Any:
    """A duration as seconds: a number, or text as in `90s`, `1h30m`, `500ms`, `PT10M`.

    Raises PydanticCustomError for text that is none, and for true and false.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise expected(_SECONDS)
    if not isinstance(value, str):
        return value
    text = value.strip()
    found = re.fullmatch(_DURATION, text.removeprefix("PT").lower() if text.startswith("PT") else text)
    if found is None or not any(found.groups()):
        return _number_of_seconds(text)
    return sum(float(part) * unit for part, unit in zip(found.groups(), _UNIT_SECONDS, strict=True) if part)


def _number_of_seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise expected(_SECONDS) from None


def number_or_share(value: Any) -> int | str:
    """How many of a set: a whole number, or a share of it as in `5%`.

    Raises PydanticCustomError for anything else.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str):
        text = value.strip()
        if text.isdecimal():
            return int(text)
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?%", text) and float(text[:-1]) <= 100:
            return text
    raise expected("a whole number, or a share such as `5%`")


def _whole(value: Any) -> Any:
    """Text passes, since variables give text."""
    if isinstance(value, bool | float):
        raise expected("a whole number")
    return value


def _not_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise expected("a number")
    return value


Seconds = Annotated[
    float, BeforeValidator(seconds, json_schema_input_type=float | str), Field(ge=0, allow_inf_nan=False)
]
"""Seconds as a number, or text such as `90s`, `10m`, `1h30m`."""

WholeNumber = Annotated[int, BeforeValidator(_whole, json_schema_input_type=int)]
"""A whole number; neither true, false nor 1.0 is one."""

Number = Annotated[float, BeforeValidator(_not_bool, json_schema_input_type=float), Field(allow_inf_nan=False)]
"""A finite number; neither true nor false is one."""
