"""A checkpointer between its first hook and its last; whatever its author's code raises becomes a StateError."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from ..errors import StateError
from .checkpointer import Checkpointer

T = TypeVar("T")


@asynccontextmanager
async def opened(checkpointer: Checkpointer) -> AsyncIterator[Checkpointer]:
    """For those who only look at what is kept: `on_create` comes before and `on_destroy` after, as in a run."""
    try:
        await guarded(checkpointer, "on_create", checkpointer.on_create())
        yield checkpointer
    except BaseException:
        with suppress(StateError):
            await guarded(checkpointer, "on_destroy", checkpointer.on_destroy())
        raise
    await guarded(checkpointer, "on_destroy", checkpointer.on_destroy())


async def guarded(checkpointer: Checkpointer, where: str, work: Awaitable[T]) -> T:
    """What a method answers. Raises StateError, naming the class and the method, if it raises anything."""
    try:
        return await work
    except StateError:
        raise
    except Exception as error:  # the checkpointer may be the user's own
        kind = type(checkpointer).__name__
        raise StateError(f"checkpointer {kind} failed in {where}: {type(error).__name__}: {error}") from error
