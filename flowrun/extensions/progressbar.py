"""RichProgressBar: how far the job is, on a terminal."""

from __future__ import annotations

import sys

from pydantic import PrivateAttr

from ..eventbus.execution import ExecutionStateTransition, SerializableExecutionEvent
from ..terminal import is_terminal
from .extension import Extension, extension
from .progress_view import ProgressView


@extension
class RichProgressBar(Extension):
    """Shows running tasks below a line for each that has ended. Where there is no terminal it shows nothing."""

    _view: ProgressView | None = PrivateAttr(default=None)

    async def on_create(self) -> None:
        """Find out whether anybody sees it."""
        if sys.__stderr__ is not None and is_terminal(sys.__stderr__):
            self._view = ProgressView(sys.__stderr__)

    async def update(self, e: SerializableExecutionEvent) -> None:
        """Show a transition."""
        if self._view is not None and isinstance(e, ExecutionStateTransition):
            self._view.note(e)

    @property
    def is_deaf(self) -> bool:
        """Nobody sees it, so it need not be told anything."""
        return self._view is None

    async def on_destroy(self) -> None:
        """Leave only the lines of tasks that have ended."""
        if self._view is not None:
            self._view.close()
