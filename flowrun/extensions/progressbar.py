"""RichProgressBar: how far the job is."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from pydantic import Field, PrivateAttr

from ..eventbus.execution import (
    ApprovalEvent,
    AttemptBegun,
    AttemptLookedFor,
    ExecutionStateTransition,
    ExecutorNotice,
    ItemsFound,
    JobStopping,
    SerializableExecutionEvent,
    TaskWaiting,
)
from ..eventbus.progress import ProgressEvent
from ..terminal import is_terminal
from .extension import Extension, extension

if TYPE_CHECKING:
    from .background import Background
    from .keyboard import Keyboard
    from .progress_view import ProgressView
    from .summary import Summary


@extension
class RichProgressBar(Extension):
    """Shows running tasks below a line for each that has ended. Where there is no terminal it sums up at the end."""

    color: Literal["auto", "always", "never"] = Field(default="auto", description="Use of colours.")

    _background: Background | None = PrivateAttr(default=None)
    _view: ProgressView | None = PrivateAttr(default=None)
    _summary: Summary | None = PrivateAttr(default=None)
    _keyboard: Keyboard | None = PrivateAttr(default=None)
    _has_stopped: bool = PrivateAttr(default=False)

    def study(self, background: Background) -> None:
        """Take note of what the job file says."""
        self._background = background

    async def on_create(self) -> None:
        """Find out whether anybody sees it, and can press keys."""
        if not is_terminal(sys.__stderr__):
            from .summary import Summary

            self._summary = Summary(self._background.task if self._background else lambda _name: None)
        elif sys.__stderr__ is not None:
            from .background import Background
            from .board import Board
            from .keyboard import Keyboard
            from .progress_view import ProgressView

            self._view = ProgressView(sys.__stderr__, Board(self._background or Background()), self.color)
            self._keyboard = Keyboard(self.pressed)
            if self._keyboard.open():
                self._view.offer_keys()

    async def update(self, e: SerializableExecutionEvent) -> None:
        """Show a transition."""
        shown = self._view or self._summary
        if shown is not None and isinstance(e, ExecutionStateTransition):
            shown.note(e)
        elif shown is not None and isinstance(e, ItemsFound) and e.items:
            shown.open(e)
        elif self._view is not None and isinstance(e, JobStopping):
            self._view.note_stop(e)
        elif self._view is not None and isinstance(e, TaskWaiting):
            self._view.note_waiting(e)
        elif self._view is not None and isinstance(e, ApprovalEvent):
            self._view.note_approval(e)
        elif self._view is not None and isinstance(e, AttemptLookedFor):
            self._view.note_search(e)
        elif self._view is not None and isinstance(e, AttemptBegun):
            self._view.note_begin(e)
        elif self._view is not None and isinstance(e, ProgressEvent):
            self._view.note_progress(e)
        elif self._view is not None and isinstance(e, ExecutorNotice):
            self._view.note_notice(e)

    async def on_success(self) -> None:
        """Sum up where nobody has seen it run."""
        self._sum_up("completed")

    async def on_failure(self) -> None:
        """Sum up where nobody has seen it run."""
        self._sum_up("failed")

    async def on_abort(self) -> None:
        """Sum up where nobody has seen it run."""
        self._sum_up("was stopped")

    async def on_destroy(self) -> None:
        """Leave only the lines of tasks that have ended."""
        if self._keyboard is not None:
            self._keyboard.close()
        if self._view is not None:
            self._view.close()

    def _sum_up(self, verdict: str) -> None:
        line = self._summary.line(verdict) if self._summary is not None else ""
        if line and sys.__stderr__ is not None:
            with suppress(OSError, ValueError):  # nobody reads any more
                sys.__stderr__.write(f"{line}\n")
                sys.__stderr__.flush()

    def pressed(self, key: str) -> None:
        """Do what a key asks for; most ask for nothing."""
        if self._view is None:
            return
        if key == "l":
            self._view.show_last_lines()
        elif key == "?":
            self._view.show_keys()
        elif key == "s" and not self._has_stopped:  # a second signal would kill
            self._has_stopped = True
            os.kill(os.getpid(), signal.SIGINT)
