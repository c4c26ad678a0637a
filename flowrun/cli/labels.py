"""Labels of a worker, as `KEY=VALUE` on the command line and in the environment."""

from __future__ import annotations

import click

from .options import read_variables


class _Labels(click.ParamType):  # type: ignore[type-arg]  # not generic in click 8.2
    """One or more, with commas between them, so that a variable can hold several."""

    name = "labels"
    envvar_list_splitter = ","


LABELS = _Labels()


def read_labels(ctx: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """As a mapping; of the same key the last one counts. A text without `=` is a usage error."""
    return read_variables(ctx, option, tuple(one.strip() for text in given for one in text.split(",") if one.strip()))
