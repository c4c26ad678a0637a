"""An extension of our own: how long each task ran, as a table."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import PrivateAttr

from flowrun.eventbus.execution import ExecutionState, ExecutionStateTransition, SerializableExecutionEvent
from flowrun.extensions.extension import Extension, extension


@extension
class Stopwatch(Extension):
    """Writes a CSV file of task and seconds when the job is over."""

    path: Path

    _started: dict[str, datetime] = PrivateAttr(default_factory=dict)
    _seconds: dict[str, float] = PrivateAttr(default_factory=dict)

    async def update(self, e: SerializableExecutionEvent) -> None:
        """Note when a task starts and when it completes."""
        if not isinstance(e, ExecutionStateTransition):
            return
        if e.to_state is ExecutionState.RUNNING:
            self._started[e.name] = e.timestamp
        elif e.to_state is ExecutionState.COMPLETED and e.name in self._started:
            self._seconds[e.name] = (e.timestamp - self._started[e.name]).total_seconds()

    async def on_destroy(self) -> None:
        """Write the table."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        rows = [f"{name},{seconds:.3f}" for name, seconds in self._seconds.items()]
        self.path.write_text("\n".join(["task,seconds", *rows]) + "\n")
