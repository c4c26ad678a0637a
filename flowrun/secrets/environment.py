"""EnvironmentSecrets: secrets from the environment of the runner."""

from __future__ import annotations

import os

from .secrets import Secrets, secrets


@secrets
class EnvironmentSecrets(Secrets):
    """Environment variables. Asked first by every job; name it only to give a prefix."""

    prefix: str = ""
    """Stands before the name of each variable: with `PROD_`, the secret `TOKEN` is the variable `PROD_TOKEN`."""

    def get(self, name: str) -> str | None:
        """The value of the variable."""
        return os.environ.get(self.prefix + name)
