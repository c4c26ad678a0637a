"""The options that say where a job or a project is, as every command writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(readable=False)
"""Shells complete it; whether it can be read is found out by reading it."""


def job_option(text: str) -> Callable[[F], F]:
    """`-j`, with the help `text`."""
    return click.option("-j", "--job", "--jobdef", "job", type=FILE, metavar="FILE", help=text)


def directory_option(text: str) -> Callable[[F], F]:
    """`-C`, with the help `text`."""
    is_there = click.Path(exists=True, file_okay=False, path_type=Path)
    return click.option("-C", "--directory", type=is_there, help=text)
