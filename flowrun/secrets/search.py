"""Search: asks one source of secrets after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..errors import DefinitionError
from .secrets import Secrets


class Found(NamedTuple):
    """What a search came to."""

    value: str | None = None
    """None: no source has it."""
    source: str = ""
    """The source that has it, or that cannot be asked."""
    error: str = ""
    """Why that source cannot be asked."""

    def __repr__(self) -> str:
        return f"Found(source={self.source!r}, error={self.error!r})"


def search(name: str, sources: Mapping[str, Secrets]) -> Found:
    """Ask the sources in order; the first that has the secret answers.

    Raises DefinitionError if one of ours finds a mistake in its file.
    """
    for title, source in sources.items():
        try:
            value = source.get(name)
        except DefinitionError:
            raise
        except Exception as error:  # the source may be the user's own
            return Found(None, title, f"{type(error).__name__}: {error}")
        if isinstance(value, str):
            return Found(value, title)
        if value is not None:
            return Found(None, title, f"it gave {type(value).__name__} in place of text")
    return Found()
