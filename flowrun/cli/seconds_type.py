"""Durations on the command line, written as in a job file: `90s`, `10m`, `1h30m`, or a number of seconds."""

from __future__ import annotations

from typing import Any

import click


class _Seconds(click.ParamType):  # type: ignore[type-arg]  # not generic in click 8.2
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds; anything else is a usage error."""
        from pydantic_core import PydanticCustomError

        from ..jobdefinition.quantities import seconds

        try:
            found = float(seconds(value))
        except PydanticCustomError as error:
            self.fail(f"{value!r} is not {error.message()}", param, ctx)
        if not 0 <= found < float("inf"):
            self.fail(f"{value!r} is no duration that can be waited for", param, ctx)
        return found


SECONDS = _Seconds()
"""Gives a number of seconds."""
