"""Environment: what expressions see as `env`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from .errors import DefinitionError, ExpressionError


class Environment(Mapping[str, str]):
    """The environment of the runner, and below it `.env` of the project, which is read when it is first needed.

    Raises ExpressionError if that file cannot be read.
    """

    def __init__(self, environ: Mapping[str, str], root: Path) -> None:
        """`root` is the project root."""
        self._environ = environ
        self._root = root

    def __getitem__(self, name: str) -> str:
        found = self._environ.get(name)
        return self._beneath[name] if found is None else found

    def __iter__(self) -> Iterator[str]:
        yield from self._environ
        yield from (name for name in self._beneath if name not in self._environ)

    def __len__(self) -> int:
        return len({*self._environ, *self._beneath})

    @cached_property
    def _beneath(self) -> Mapping[str, str]:
        from .secrets.dotenv_file import dotenv_values  # few jobs ask for what is not in the environment

        try:
            return dotenv_values(self._root / ".env")
        except DefinitionError as error:
            raise ExpressionError(str(error)) from None
