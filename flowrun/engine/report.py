"""Report: how a job ended, task by task."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from ..attempt import Outcome
from ..eventbus.execution import UNSUCCESSFUL, ExecutionState


class Ending(Enum):
    """Why the job is over."""

    DONE = "done"
    """Every task that could run has ended."""
    STOPPED = "stopped"
    """A signal, or the caller, stopped it."""
    FAIL_FAST = "fail-fast"
    """The first failure stopped it, as `config.fail_fast` asks."""
    DEADLINE = "deadline"
    """`config.deadline` passed."""
    STATE_LOST = "state lost"
    """The checkpointer could not keep what happened."""


@dataclass(frozen=True, slots=True)
class TaskReport:
    """How one task ended. Seconds are measured on the monotonic clock."""

    name: str
    variant: str
    state: ExecutionState
    attempts: int = 0
    max_attempts: int = 1
    outcome: Outcome | None = None
    """Of the last attempt; None if there was none in this run."""
    seconds: float = 0.0
    """From the start of the first attempt to the end of the last, pauses included."""
    ended_at: float = 0.0
    """Seconds after the start of the job; tells which failure came first."""
    held_back_by: str = ""
    """The dependency that did not complete, of a task that was held back."""
    kept: bool = False
    """Completed before, in the run that was continued."""
    last_lines: tuple[str, ...] = ()
    """The end of its output, if it did not complete."""


@dataclass(frozen=True, slots=True)
class Report:
    """How a job ended."""

    job_name: str
    run_id: str
    started: datetime
    seconds: float
    tasks: dict[str, TaskReport]
    ending: Ending = Ending.DONE
    signal: int | None = None
    """The signal that stopped it."""
    notices: tuple[str, ...] = ()
    """What a person should know besides: plugins that were cut off, lines that were dropped."""
    error: str = ""
    """What went wrong with the state, if `ending` is STATE_LOST."""
    values: dict[str, str] = field(default_factory=dict)
    """Results of tasks, encoded."""

    def named(self, *states: ExecutionState) -> list[str]:
        """Names of the tasks in one of these states, in file order."""
        return [name for name, task in self.tasks.items() if task.state in states]

    @property
    def is_completed(self) -> bool:
        """Every requested task completed."""
        return self.ending is Ending.DONE and not any(task.state in UNSUCCESSFUL for task in self.tasks.values())

    @property
    def root_cause(self) -> TaskReport | None:
        """The task that failed first."""
        failed = [task for task in self.tasks.values() if task.state is ExecutionState.FAILED]
        return min(failed, key=lambda task: task.ended_at, default=None)

    @property
    def exit_status(self) -> int:
        """What the command ends with."""
        if self.ending is Ending.STATE_LOST:
            return 5
        if self.signal is not None:
            return 128 + self.signal
        if self.ending is Ending.DEADLINE:
            return 124
        return 0 if self.is_completed else 1

    @property
    def failures(self) -> int:
        """Number of tasks that failed or were held back: what Flowmancer's `start` returns."""
        return len(self.named(ExecutionState.FAILED, ExecutionState.DEFAULTED))
