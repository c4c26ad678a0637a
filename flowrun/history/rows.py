"""The rows of the history: runs, tasks, attempts, events, values, as frozen values. Times are seconds of Unix time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..eventbus.progress import Progress
from .approvals import ApprovalRow
from .row import Row

RunState = Literal["running", "completed", "failed", "stopped", "interrupted"]
"""`stopped`: by a signal or its deadline. `interrupted`: its process is gone and did not say how it ended."""

RUN_STATES: tuple[RunState, ...] = ("running", "completed", "failed", "stopped", "interrupted")


@dataclass(frozen=True, slots=True)
class RunRow(Row):
    """One run. A restart continues it under the same id: then `starts` is more than 1."""

    id: str
    job: str
    state: RunState
    started: float
    """When it began for the first time."""
    ended: float | None
    """When it was over; of an interrupted run, when it was last heard of."""
    seconds: float
    """How long it was performed in all, without the time between an end and a restart; of a running one, until now."""
    exit_status: int | None
    ending: str
    """`done`, `stopped`, `fail-fast`, `deadline`, `state lost`; empty while it runs or if nobody knows."""
    file: str
    """The job file as it was named; `module:job` for one in Python."""
    root: str
    """The project root."""
    pid: int
    host: str
    user: str
    version: str
    """That of flowrun."""
    trigger: str
    """Who started it: `person` at a terminal, `program`, `python`, or what `--trigger` said."""
    labels: Mapping[str, str]
    definition: str
    """The digest of the job definition; empty if it is not known."""
    starts: int
    """1, and one more for each restart."""
    counts: Mapping[str, int]
    """Number of tasks by the name of their state, items counted and groups not."""
    root_cause: str
    """The task that failed first; empty if none did."""
    message: str
    """What went wrong, in one line."""
    notices: Sequence[str]
    usual_seconds: float | None = None
    """The median of the last runs of this job that completed."""
    remaining_seconds: float | None = None
    """How long it will go on, as earlier runs suggest; None: it is over, or nothing is known."""

    @property
    def is_over(self) -> bool:
        """Nothing more happens in it, unless it is continued."""
        return self.state != "running"


@dataclass(frozen=True, slots=True)
class RunPage:
    """Some runs, the newest first. `next` is the cursor for those that come after; None: there are none."""

    runs: Sequence[RunRow]
    next: str | None


@dataclass(frozen=True, slots=True)
class StartRow(Row):
    """One process that performed a run: the first (number 1), or one that continued it."""

    number: int
    started: float
    ended: float | None
    exit_status: int | None
    ending: str
    pid: int
    host: str
    user: str
    version: str
    trigger: str
    arguments: Sequence[str]
    """What was asked for besides the job: the selection, `--rerun-changed`, as on the command line."""


@dataclass(frozen=True, slots=True)
class TaskRow(Row):
    """One task of a run, in the order of the job. Members of groups are called `group/task`, items `task[key]`."""

    name: str
    kind: Literal["task", "group", "items", "item"]
    variant: str
    parent: str
    """The group, or the task with items, that it is in; empty: none."""
    executor: str
    state: str
    """The name of an execution state: PENDING, RUNNING, COMPLETED, FAILED, DEFAULTED, ABORTED, SKIP."""
    why: str
    """Why it ended as it did, or waits, in words; empty if there is nothing to say."""
    attempts: int
    """The number of the last attempt; 0: none."""
    max_attempts: int
    started: float | None
    """When its first attempt of the last start began."""
    ended: float | None
    seconds: float
    """From the start of the first attempt, or when a worker elsewhere began it, to the end of the last, with pauses."""
    waiting_seconds: float
    """How long it waited after all that it needs had ended: for a slot, and for a worker elsewhere."""
    is_kept: bool
    """It completed before, in the run that was continued."""
    is_cached: bool
    """Nothing was performed: the outcome of an earlier run was taken."""
    is_allowed: bool
    """It did not complete, and the group or task with items that it is in allows that."""
    items: int | None
    """Of a task with items: how many there are."""
    items_kept: int
    cpu_seconds: float
    """Of all attempts, as far as their worker can tell."""
    peak_bytes: int
    """The most memory that an attempt held; 0: not known."""
    usual_seconds: float | None = None
    """The median of the last attempts of this task that completed; of an item, the usual one; None: not known."""
    approval: ApprovalRow | None = None
    """What a person was asked about it last; None: nothing."""
    progress: Progress | None = None
    """How far its last attempt is, as it said itself; None: it has said nothing."""
    begun: float | None = None
    """When that attempt was begun, which a worker elsewhere does later than it `started`; None: it was not yet."""
    queue_seconds: float = 0.0
    """How much of the waiting was for that worker."""
    worker: str = ""
    """The worker elsewhere that has begun its last attempt; empty: none, or it is performed here."""
    items_waiting: int = 0
    """How many of its items have not begun. There are no rows of them."""


@dataclass(frozen=True, slots=True)
class AttemptRow(Row):
    """One attempt of a task."""

    task: str
    number: int
    state: str
    """RUNNING, COMPLETED, FAILED or ABORTED."""
    started: float
    ended: float | None
    seconds: float
    """Without the time until a worker elsewhere began it."""
    executor: str
    reason: str
    """The outcome's: `returned`, `raised`, `exited`, …; empty while it runs."""
    message: str
    error_types: Sequence[str]
    file: str
    """Where it was raised; empty: not known."""
    line: int
    traceback: str
    exit_status: int | None
    signal: int | None
    hook_errors: Sequence[str]
    will_retry: bool
    pause_seconds: float
    """The pause before the next attempt."""
    cpu_seconds: float
    peak_bytes: int
    progress: Progress | None = None
    """How far it said it was; None: it has said nothing."""
    is_final: bool = False
    """Another try was known to be pointless."""
    begun: float | None = None
    """When it was begun, which a worker elsewhere does later than it `started`; None: it was not yet."""
    worker: str = ""
    """That worker, the last if one was lost; empty: it is not known, or it is performed here."""


EventKind = Literal[
    "started", "moved", "waiting", "items", "search", "begun", "approval", "notice", "stopping", "ended"
]


@dataclass(frozen=True, slots=True)
class EventRow(Row):
    """Something that happened, in order. `seq` grows with each event of all runs."""

    seq: int
    run: str
    at: float
    kind: EventKind
    """`started` and `ended` are of the run, `moved` is a transition."""
    task: str
    """Empty if it is about the run."""
    detail: Mapping[str, Any]
    """`moved`: from, to, attempt, message, pause_seconds; `waiting`: what; `items`: items, kept; `search`:
    attempt, found; `begun`: attempt, worker; `approval`: question, and since, until, otherwise or answer, by,
    comment; `notice`: executor, message; `stopping`: why.

    `started`: start, arguments, plan: why a restart runs the tasks that it runs, and queues: the executors of which
    attempts may wait for a worker.
    """


@dataclass(frozen=True, slots=True)
class ValueRow(Row):
    """A result, or a shared value that an attempt changed. Secrets are hidden."""

    kind: Literal["result", "shared"]
    name: str
    """The task of a result; the key of a shared value."""
    task: str
    """Who made it."""
    attempt: int
    at: float
    text: str
    """JSON in plain form, at most 64 KiB of it."""
    size: int
    """Characters of the whole value."""
    is_cut: bool
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class JobSummary(Row):
    """A job, and how its runs went. Shares and times are of the last runs, at most 50."""

    job: str
    file: str
    runs: int
    last_started: float
    last_state: RunState
    success_share: float
    """0 to 1, of those that are over."""
    usual_seconds: float | None
    """The median of those that completed."""
    recent: Sequence[RunRow] = field(default=())
    """The last ten, the newest first."""


@dataclass(frozen=True, slots=True)
class TrendPoint(Row):
    """One run of a job, or of a task in it, for a curve."""

    run: str
    started: float
    state: str
    """That of the run, or of the task."""
    seconds: float
    waiting_seconds: float
    attempts: int
    cpu_seconds: float
    peak_bytes: int
