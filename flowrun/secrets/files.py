"""FileSecrets: secrets from a directory with a file for each."""

from __future__ import annotations

from pathlib import Path

from .secrets import Secrets, secrets


@secrets
class FileSecrets(Secrets):
    """A directory in which each file is a secret and bears its name, as Docker and Kubernetes mount them."""

    directory: Path = Path("/run/secrets")
    """A relative path begins at the project root. A directory that does not exist has no secrets."""

    def get(self, name: str) -> str | None:
        """What is in the file, without the newline at its end. No file outside of the directory is read."""
        if "/" in name or name.startswith("."):
            return None
        try:
            return (self.directory / name).read_text(encoding="utf-8").removesuffix("\n")
        except (FileNotFoundError, NotADirectoryError):
            return None
