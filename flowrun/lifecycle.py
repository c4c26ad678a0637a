"""The hooks, for tasks and for the asynchronous parts (loggers, extensions, checkpointers, executors)."""

from __future__ import annotations

from typing import Any


class Lifecycle:
    """The hooks of one attempt of a task, in the process that runs it. Each may be `async`."""

    def on_create(self) -> Any:
        """Called first, in every attempt. If it raises, `run` is not called and the attempt fails."""

    def on_restart(self) -> Any:
        """Called after `on_create`, only in a restart and only if the task had failed or was cut off while running."""

    def on_success(self) -> Any:
        """Called after `run` returned. If it raises, the attempt fails."""

    def on_failure(self) -> Any:
        """Called after `run` raised, in every failed attempt."""

    def on_destroy(self) -> Any:
        """Called last, always."""

    def on_abort(self) -> Any:
        """Called once when the attempt is stopped from outside, after `run` was interrupted."""


class AsyncLifecycle:
    """The hooks of a part that lives as long as the job."""

    async def on_create(self) -> None:
        """Called before the first task starts."""

    async def on_restart(self) -> None:
        """Called after `on_create` if the job continues from a checkpoint."""

    async def on_success(self) -> None:
        """Called when every task completed or was left out."""

    async def on_failure(self) -> None:
        """Called when a task failed or was held back."""

    async def on_destroy(self) -> None:
        """Called last, always."""

    async def on_abort(self) -> None:
        """Called when the job is stopped from outside, before `on_failure` would be."""
