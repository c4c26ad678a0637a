"""Stopping: how a job ends before everything is done, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from .announcer import Announcer
from .instruction import Instruction
from .plan import Plan
from .report import Ending
from .running import Running

_BEFORE_THE_END = (Ending.STOPPED, Ending.DEADLINE, Ending.WAITING)


class Stopping:
    """Tells the plan to stop, the world that it does, and the report what was the reason."""

    def __init__(self, plan: Plan, running: Running, announcer: Announcer, grace_seconds: float) -> None:
        self._plan = plan
        self._running = running
        self._announcer = announcer
        self._grace_seconds = grace_seconds
        self._times_told = 0
        self.ending = Ending.DONE
        self.signal: int | None = None
        """The signal that was the reason."""
        self.service_error = ""
        """The service that was the reason."""

    def stop(self, ending: Ending, signal: int | None = None) -> Sequence[Instruction]:
        """End the job for this reason, if it is not ending already."""
        self._tell(ending, self._grace_seconds)
        if self._plan.is_stopping:
            return self._plan.give_up() if ending is Ending.DEADLINE else []  # what cleans up has had its time
        self.ending, self.signal = ending, signal
        return self._plan.stop()

    def told(self, signal: int | None) -> Sequence[Instruction]:
        """The first time also leaves tasks that are stopping already, for another reason, their grace time."""
        self._times_told += 1
        return self.stop(Ending.STOPPED, signal) if self._times_told == 1 else self._kill_all()

    def _kill_all(self) -> Sequence[Instruction]:
        self._tell(self.ending, 0.0)
        instructions = self._plan.give_up()
        self._running.kill_all()
        return instructions

    def without_service(self, error: str) -> Sequence[Instruction]:
        """A service that an executor needs is lost."""
        if not self._plan.is_stopping:
            self.service_error = error
        return self.stop(Ending.SERVICE_LOST)

    def tell_of_failure(self) -> None:
        """The plan has stopped the job, because a task failed and that is enough."""
        self._tell(Ending.FAIL_FAST, self._grace_seconds)

    def _tell(self, ending: Ending, grace_seconds: float) -> None:
        self._announcer.stopping(ending.value, len(self._running), grace_seconds)

    def conclude(self) -> bool:
        """Nothing more will run. Says whether the job completed."""
        if self._plan.is_stopping and self.ending is Ending.DONE:
            self.ending = Ending.FAIL_FAST
        return self.ending is Ending.DONE and self._plan.has_succeeded

    def postpone(self) -> None:
        """Some tasks wait for a person longer than the run: that is the reason, if nothing is worse."""
        if self.ending is Ending.DONE and not self._plan.has_failed:
            self.ending = Ending.WAITING

    def lose_state(self) -> None:
        """The state could not be kept: nothing is worse."""
        self.ending = Ending.STATE_LOST

    def hook(self, *, is_completed: bool) -> Literal["success", "failure", "abort"]:
        """Which of its last hooks is called of whatever hears of the end."""
        if is_completed:
            return "success"
        return "abort" if self.ending in _BEFORE_THE_END else "failure"
