"""Report: how a job ended, task by task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, overload

from ..attempt import Outcome
from ..dataclass import dataclass
from ..errors import JobFailedError
from ..eventbus.execution import UNSUCCESSFUL, ExecutionState
from ..values.file_store import FileStore

T_co = TypeVar("T_co", covariant=True)


class Gives(Protocol[T_co]):
    """What stands for a task in a job in Python, with the type of its result."""

    @property
    def full_name(self) -> str:
        """The name of the task in the job."""

    def _gives(self) -> T_co: ...


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
class AttemptReport:
    """How one attempt ended. Times are seconds after the start of the job."""

    number: int
    state: ExecutionState
    """COMPLETED, FAILED or ABORTED."""
    started_at: float
    ended_at: float
    message: str = ""
    will_retry: bool = False
    """Another attempt followed, or was to follow."""

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended_at - self.started_at


Kind = Literal["task", "group", "items", "item"]
"""`items`: a task that is performed for each of some items; `item`: one of these."""


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
    started_at: float = 0.0
    """Seconds after the start of the job, as `ended_at`."""
    ended_at: float = 0.0
    """Seconds after the start of the job; tells which failure came first."""
    attempt_reports: tuple[AttemptReport, ...] = ()
    """One for each attempt in this run."""
    held_back_by: str = ""
    """The dependency that did not complete, of a task that was held back."""
    left_out_because: str = ""
    """Why it is left out, of a task that is."""
    kind: Kind = "task"
    items: Mapping[ExecutionState, int] = field(default_factory=dict)
    """Of a task with items: how many of them are in which state. They have no reports, unless they did not complete."""
    items_kept: int = 0
    """Items that completed before."""
    is_allowed: bool = False
    """It failed, and the group or fan that it is in allows that."""
    kept: bool = False
    """Completed before, in the run that was continued."""
    cleans_up: bool = False
    """A restart runs it again, even if it completed, when something before it runs again."""
    last_lines: tuple[str, ...] = ()
    """The end of its output, if it did not complete."""
    log: Path | None = None
    """The file with all that it said, if it did not complete and a logger has written one."""

    @property
    def is_made_of_others(self) -> bool:
        """How it ended follows from its members or items."""
        return self.kind == "group" or bool(self.items)


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
    read: Callable[[str], Any] | None = field(default=None, repr=False)
    """Gives what a task returned."""
    later: Awaitable[Report] | None = field(default=None, repr=False)
    """Gives the report with detached tasks, if some had not ended."""

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
        if self.signal is not None:
            return 128 + self.signal
        if self.ending is Ending.DEADLINE:
            return 124
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

    @overload
    def result(self, task: Gives[T_co]) -> T_co: ...
    @overload
    def result(self, task: str) -> Any: ...
    def result(self, task: Any) -> Any:
        """What a task returned; of a group a mapping by name, of a task with items a list.

        Raises KeyError for a name that no task has, and JobFailedError for a task that did not complete.
        """
        name = task if isinstance(task, str) else task.full_name
        if name not in self.tasks:
            raise KeyError(f"no task is named {name!r}; there are: {', '.join(self.tasks)}")
        report = self.tasks[name]
        if report.state is not ExecutionState.COMPLETED:
            why = f": {report.outcome.message}" if report.outcome and report.outcome.message else ""
            raise JobFailedError(f"task {name!r} has no result, it is {report.state.name}{why}", [name])
        return self._read(name)

    def __getitem__(self, task: str) -> Any:
        """As `result`: `report["etl"]["load"]` is that of a member of a group."""
        return self.result(task)

    @property
    def results(self) -> dict[str, Any]:
        """What the tasks that completed returned; those in a group are in the mapping of the group."""
        return {name: self._read(name) for name in self.named(ExecutionState.COMPLETED) if "/" not in name}

    def _read(self, name: str) -> Any:
        if self.read is not None:
            return self.read(name)
        from .. import values

        text = self.values.get(name)
        return None if text is None else values.decode(text, self.store)

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
        from .figures import longest_path

        seconds = {task.name: task.seconds for task in self._performed() if task.name in self.needs}
        return [self.tasks[name] for name in longest_path(self.needs, seconds)]

    def waiting_seconds(self, task: str) -> float:
        """How long a task waited for a slot after all that it needs had ended; 0 if it was not started."""
        report = self.tasks[task]
        if not report.attempts:
            return 0.0
        needed = (self.tasks[name].ended_at for name in self.needs.get(task, ()) if name in self.tasks)
        return max(0.0, report.started_at - max(needed, default=0.0))

    @property
    def error_summary(self) -> list[str]:
        """What went wrong, in sentences, what ended the job first; also what a later attempt made good."""
        from .figures import sentences

        return list(sentences(self))

    async def detached(self) -> Report:
        """Wait for the detached tasks of a job in Python, and give the report with what became of them."""
        return self if self.later is None else await self.later

    def raise_for_failures(self) -> None:
        """Raise JobFailedError, with the task that failed first, if the job did not complete."""
        if self.is_completed:
            return
        cause = self.root_cause
        said = f": {cause.name}: {cause.outcome.message}" if cause and cause.outcome else ""
        raise JobFailedError(f"job {self.job_name!r} did not complete{said}", self.named(*UNSUCCESSFUL))

    def __repr__(self) -> str:
        """Short: with every task of a large job it would take longer than the job."""
        how = "completed" if self.is_completed else "not completed"
        return f"<Report of job {self.job_name!r}, run {self.run_id}: {len(self.tasks)} tasks, {how}>"

    def body(self) -> dict[str, Any]:
        """The JSON form, without what tasks returned."""
        from .report_form import body_of

        return body_of(self)

    def to_json(self) -> str:
        """The JSON form as text."""
        import json

        return json.dumps(self.body())

    def _performed(self) -> Iterator[TaskReport]:
        """Tasks that were started, without groups."""
        return (task for task in self.tasks.values() if task.attempts and task.variant)
