"""Secrets: the contract of a source of secrets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from ..registry import Registry

S = TypeVar("S", bound="type[Secrets]")


class Secrets(ABC, BaseModel):
    """A source of secrets. Its fields are its parameters in the job file."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, defer_build=True)

    @abstractmethod
    def get(self, name: str) -> str | None:
        """Called once for each name that the job uses, before anything starts. None: this source has no such secret.

        Raise only if the source cannot be asked: the job is refused then, and the message is shown.
        """

    def settle(self, root: Path) -> None:
        """Called before the first `get`. Has relative paths among the parameters begin at the project root."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, Path):
                setattr(self, name, root / value)


sources: Registry[Secrets] = Registry("secrets", lambda: Secrets)


def secrets(cls: S) -> S:
    """Register a class, so that job files can name it under `secrets:`."""
    sources.register(cls)
    return cls
