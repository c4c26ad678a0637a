"""Witness: what happened in a run, task by task and in order."""

from __future__ import annotations

from pydantic import PrivateAttr

from ..eventbus.execution import ExecutionState, ExecutionStateTransition, SerializableExecutionEvent
from ..extensions.extension import Extension


class Witness(Extension):
    """Remembers the last state of each task, of items too, and the order of their first starts."""

    _states: dict[str, ExecutionState] = PrivateAttr(default={})
    _starts: dict[str, None] = PrivateAttr(default={})

    async def update(self, e: SerializableExecutionEvent) -> None:
        if isinstance(e, ExecutionStateTransition):
            self._states[e.name] = e.to_state
            if e.to_state is ExecutionState.RUNNING:
                self._starts[e.name] = None

    @property
    def states(self) -> dict[str, str]:
        """The names of the last states."""
        return {name: state.name for name, state in self._states.items()}

    @property
    def starts(self) -> list[str]:
        """The tasks that started, in order."""
        return list(self._starts)
