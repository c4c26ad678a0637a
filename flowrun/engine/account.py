"""Account: how a job ended and what its tasks come to, without what they returned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from enum import Enum

from ..dataclass import dataclass
from ..eventbus.execution import UNSUCCESSFUL, ExecutionState
from ..values.file_store import FileStore
from .task_report import TaskReport


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
    SERVICE_LOST = "service lost"
    """A service that executors need stayed unreachable."""
    WAITING = "waiting for an approval"
    """Nobody has answered in time, and nothing else failed."""


@dataclass(frozen=True, slots=True)
class Account:
    """How a job ended, in states, times and numbers."""

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
    """What went wrong with the state or a service, if `ending` is STATE_LOST or SERVICE_LOST."""
    values: dict[str, str] = field(default_factory=dict)
    """Results of tasks, encoded."""
    store: FileStore | None = None
    """Has the large ones: `values.decode(report.values[name], report.store)`. Without it they are gone."""
    planning_seconds: float = 0.0
    """How long reading, checking and preparing took, before the job began."""
    max_parallelism: int = 0
    """So many attempts at most ran at the same time."""
    up_to_date: int = 0
    """How many tasks, items among them, were not performed because nothing has changed since an earlier run."""
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    """What each task waited for."""
    postponed: Mapping[str, str] = field(default_factory=dict)
    """Tasks that wait for an approval longer than the run, with the question."""

    def named(self, *states: ExecutionState) -> list[str]:
        """Names of the tasks in one of these states, in file order."""
        return [name for name, task in self.tasks.items() if task.state in states]

    @property
    def counts(self) -> Counter[ExecutionState]:
        """How many tasks ended in which state: items are tasks; groups, and tasks whose items are counted, are not."""
        counts: Counter[ExecutionState] = Counter()
        for task in self.tasks.values():
            if task.kind == "items" and task.items:
                counts.update(task.items)
            elif task.kind in ("task", "items"):
                counts[task.state] += 1
        return counts

    @property
    def allowed(self) -> Counter[ExecutionState]:
        """How many of them did not complete, and a group or a task with items allows that."""
        allowed: Counter[ExecutionState] = Counter()
        for task in self.tasks.values():
            if task.items and (task.is_allowed or task.state is ExecutionState.COMPLETED):
                allowed.update({state: number for state, number in task.items.items() if state in UNSUCCESSFUL})
            elif task.is_allowed and task.kind in ("task", "items"):
                allowed[task.state] += 1
        return allowed

    @property
    def kept(self) -> int:
        """How many tasks, items among them, completed before, in the run that was continued."""
        return sum(it.items_kept if it.items else it.kept for it in self.tasks.values() if it.kind in ("task", "items"))

    @property
    def is_completed(self) -> bool:
        """Every requested task completed."""
        return self.ending is Ending.DONE and not any(
            task.state in UNSUCCESSFUL and not task.is_allowed for task in self.tasks.values()
        )

    @property
    def root_cause(self) -> TaskReport | None:
        """The task that failed first; a group, or a task with items, only if that was not for one of its members."""
        failed = [it for it in self.tasks.values() if it.state is ExecutionState.FAILED and not it.is_allowed]
        return min(failed, key=lambda task: (task.is_made_of_others, task.ended_at), default=None)

    @property
    def exit_status(self) -> int:
        """What the command ends with."""
        if self.ending is Ending.STATE_LOST:
            return 5
        if self.ending is Ending.SERVICE_LOST:
            return 6
        if self.signal is not None:
            return 128 + self.signal
        if self.ending is Ending.DEADLINE:
            return 124
        if self.ending is Ending.WAITING:
            return 7
        return 0 if self.is_completed else 1

    @property
    def failures(self) -> int:
        """Number of tasks that failed or were held back: what Flowmancer's `start` returns."""
        bad = self.counts - self.allowed
        return bad[ExecutionState.FAILED] + bad[ExecutionState.DEFAULTED]

    @property
    def ended(self) -> datetime:
        """When it was over."""
        return self.started + timedelta(seconds=self.seconds)

    @property
    def total_seconds(self) -> float:
        """Planning and running together."""
        return self.planning_seconds + self.seconds

    @property
    def totals(self) -> dict[str, int]:
        """The number of tasks in all and in each state that a task is in, groups not counted."""
        counts = self.counts
        return {"tasks": counts.total(), **{state.name.lower(): number for state, number in counts.items() if number}}

    def slowest(self, count: int = 5) -> list[TaskReport]:
        """The tasks that took longest, the slowest first."""
        return sorted(self._performed(), key=lambda task: -task.seconds)[:count]

    @property
    def average_seconds(self) -> float:
        """How long a task took that was started, on average."""
        performed = list(self._performed())
        return sum(task.seconds for task in performed) / len(performed) if performed else 0.0

    @property
    def critical_path(self) -> list[TaskReport]:
        """The tasks, each waiting for the one before, that took longest together: what a faster job must shorten."""
        from ..usual.ways import longest_way

        fans = (task for task in self.tasks.values() if task.kind == "items" and task.seconds and not task.kept)
        seconds = {task.name: task.seconds for task in (*self._performed(), *fans) if task.name in self.needs}
        return [self.tasks[name] for name in longest_way(self.needs, seconds)]

    def waiting_seconds(self, task: str) -> float:
        """How long a task waited for a slot, and a worker elsewhere, after all that it needs had ended.

        0 if it was not started.
        """
        report = self.tasks[task]
        if not report.attempts:
            return 0.0
        needed = (self.tasks[name].ended_at for name in self.needs.get(task, ()) if name in self.tasks)
        first = report.attempt_reports[0].begun_at if report.attempt_reports else None
        return max(0.0, (report.started_at if first is None else first) - max(needed, default=0.0))

    def _performed(self) -> Iterator[TaskReport]:
        """Tasks that were started, without groups."""
        return (task for task in self.tasks.values() if task.attempts and task.variant)
