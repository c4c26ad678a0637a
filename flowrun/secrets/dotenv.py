"""DotenvSecrets: secrets from a file of `NAME=VALUE` lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import PrivateAttr

from .dotenv_file import dotenv_values
from .secrets import Secrets, secrets


@secrets
class DotenvSecrets(Secrets):
    """A file of `NAME=VALUE` lines. `.env` of the project is asked by every job, after the environment."""

    file: Path = Path(".env")
    """A relative path begins at the project root. A file that does not exist has no secrets."""

    _values: Mapping[str, str] | None = PrivateAttr(default=None)

    def get(self, name: str) -> str | None:
        """The value behind the name."""
        if self._values is None:
            self._values = dotenv_values(self.file)
        return self._values.get(name)
