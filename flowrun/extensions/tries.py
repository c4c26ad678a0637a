"""Tries: how often tasks were tried in this run, and why not only once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ..duration import duration
from ..eventbus.execution import ExecutionState, ExecutionStateTransition

_S = ExecutionState


class _Story:
    """A task that was tried more than once: how often it failed, of what, and how long it paused in all."""

    __slots__ = ("error", "failures", "paused_at", "waited")

    def __init__(self) -> None:
        self.failures = 0
        self.error = ""
        self.waited = 0.0
        self.paused_at: datetime | None = None


class Tries:
    """Counts as `max_attempts` does: the numbers of attempts go on when a run is continued, tries begin anew."""

    def __init__(self, most: Callable[[str], int]) -> None:
        """`most` gives the `max_attempts` of a task; 0 if that is not known."""
        self._most = most
        self._stories: dict[str, _Story] = {}

    def note(self, e: ExecutionStateTransition) -> None:
        """Note a transition of a task that has not ended."""
        if e.to_state is _S.PENDING and e.from_state is _S.RUNNING:
            story = self._stories.setdefault(e.name, _Story())
            story.failures += 1
            story.paused_at = e.timestamp
            if e.outcome is not None:
                story.error = e.outcome.error_types[0] if e.outcome.error_types else e.outcome.reason.value
        elif self._stories and e.to_state is _S.RUNNING and (found := self._stories.get(e.name)):
            if found.paused_at is not None:
                found.waited += (e.timestamp - found.paused_at).total_seconds()
            found.paused_at = None

    def forget(self, name: str) -> None:
        """The task has ended, and all is said."""
        if self._stories:
            self._stories.pop(name, None)

    def number(self, name: str) -> int:
        """Which try is under way, or was the last; the next one, of a task that pauses. The first is 1."""
        story = self._stories.get(name)
        return story.failures + 1 if story else 1

    def of(self, name: str) -> str:
        """`2 of 3`."""
        number, most = self.number(name), self._most(name)
        return f"{number} of {max(number, most)}" if most else str(number)

    def attempt(self, name: str) -> str:
        """`attempt 2 of 3`; empty for the first one."""
        return f"attempt {self.of(name)}" if self.number(name) > 1 else ""

    def waited(self, name: str) -> str:
        """`waited 2.0s`; empty for the first attempt."""
        story = self._stories.get(name)
        return f"waited {duration(story.waited)}" if story else ""

    def error(self, name: str) -> str:
        """Of what the last try failed; empty if none has."""
        story = self._stories.get(name)
        return story.error if story else ""
