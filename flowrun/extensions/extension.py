"""Extension: the contract of those who hear transitions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from ..eventbus.execution import SerializableExecutionEvent
from ..lifecycle import AsyncLifecycle
from ..registry import Registry

E = TypeVar("E", bound="type[Extension]")


class Extension(ABC, AsyncLifecycle, BaseModel):
    """Hears transitions. Its fields are its parameters in the job file. It never steers the job."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, defer_build=True)

    takes_batches: ClassVar[bool] = False
    """`update` hears a `TransitionsEvent` for what moved at one moment, in place of one transition for each move."""

    @abstractmethod
    async def update(self, e: SerializableExecutionEvent) -> None:
        """Called for every transition, in order."""


class Hearer(Protocol):
    """What hears as an extension does, and has no parameters: it may have any of the hooks and `notices` too."""

    takes_batches: ClassVar[bool]

    async def update(self, e: SerializableExecutionEvent) -> None: ...


extensions: Registry[Extension] = Registry("extension", lambda: Extension)


def extension(cls: E) -> E:
    """Register a class, so that job files can name it under `extensions:`."""
    extensions.register(cls)
    return cls
