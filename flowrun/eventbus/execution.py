"""Where a task stands, what may follow what, and the news of a change."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar, Literal

from ..attempt import Outcome
from ..dataclass import dataclass
from .event import SerializableEvent, reads, serializable_event


class ExecutionState(StrEnum):
    """Where a task stands. Names and codes are Flowmancer's (PARITY FM-66)."""

    INIT = "_"
    """Known, not considered yet."""
    PENDING = "P"
    """Waiting for dependencies, a slot or a retry."""
    RUNNING = "R"
    """An attempt is with a worker."""
    COMPLETED = "C"
    """An attempt said that it succeeded, and its process ended well."""
    FAILED = "F"
    """No attempts are left."""
    DEFAULTED = "D"
    """Held back: a dependency did not complete."""
    ABORTED = "A"
    """Stopped from outside."""
    SKIP = "S"
    """Left out on request."""


_S = ExecutionState

TERMINAL = frozenset({_S.COMPLETED, _S.FAILED, _S.DEFAULTED, _S.ABORTED, _S.SKIP})
UNSUCCESSFUL = frozenset({_S.FAILED, _S.DEFAULTED, _S.ABORTED})
SATISFYING = frozenset({_S.COMPLETED, _S.SKIP})
"""A dependency in one of these lets its dependents go on."""

MAY_FOLLOW: dict[ExecutionState, frozenset[ExecutionState]] = {
    _S.INIT: frozenset({_S.PENDING, _S.COMPLETED, _S.SKIP, _S.ABORTED, _S.FAILED}),
    _S.PENDING: frozenset({_S.RUNNING, _S.DEFAULTED, _S.ABORTED, _S.SKIP}),
    _S.RUNNING: frozenset({_S.PENDING, _S.COMPLETED, _S.FAILED, _S.ABORTED}),
    **dict.fromkeys(TERMINAL, frozenset()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SerializableExecutionEvent(SerializableEvent):
    """The base of the events that extensions hear."""

    group: ClassVar[str] = "SerializableExecutionEvent"


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionStateTransition(SerializableExecutionEvent):
    """A task moved. `attempt` counts from 1 (0: none yet); `outcome` says how an attempt ended, if one did.

    `pause_seconds` is how long a task pauses that will be tried again. `may_be_under_way`: nothing starts yet, but the
    attempt is looked for, which an earlier life of the run has begun elsewhere.
    """

    name: str
    from_state: ExecutionState
    to_state: ExecutionState
    attempt: int = 0
    outcome: Outcome | None = None
    pause_seconds: float = 0.0
    may_be_under_way: bool = False


Moved = tuple[str, ExecutionState, ExecutionState, int, Outcome | None, float, bool]
"""The fields of a transition, from `name` to `may_be_under_way`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionsEvent(SerializableExecutionEvent):
    """What moved at one moment, together.

    A job of very many tasks must not cost an object for each move; only extensions that say `takes_batches` receive
    it, all others hear one `ExecutionStateTransition` a move.
    """

    moves: Sequence[Moved]


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWaiting(SerializableExecutionEvent):
    """A task that may start waits for what other jobs on this machine have taken, as in `pool warehouse`."""

    name: str
    what: str


Found = Literal["under way", "ended", "begun again", "lost"]
"""What became of an attempt that was looked for. `lost`: nothing is left of it, and it is `at_most_once`."""
FOUND_IN_WORDS: dict[str, str] = {
    "under way": "found again, it went on",
    "ended": "found again, it had ended",
    "begun again": "not found, it begins again",
    "lost": "not found, and it may begin only once",
}


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLookedFor(SerializableExecutionEvent):
    """It is known what became of an attempt that an earlier life of the run had begun elsewhere."""

    name: str
    attempt: int
    found: Found


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptBegun(SerializableExecutionEvent):
    """A worker elsewhere has begun an attempt, which waited for one until now; again if an earlier worker was lost."""

    name: str
    attempt: int
    worker: str
    """Empty: it is not known yet which one."""


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorNotice(SerializableExecutionEvent):
    """What a person should know of an executor while the job runs, as in `Redis is away, waiting`."""

    executor: str
    message: str


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class JobStopping(SerializableExecutionEvent):
    """The job ends early: nothing more starts, and the tasks that run are asked to end.

    They are killed after `grace_seconds`, or at once if that is 0. `why` is the value of an `Ending`.
    """

    why: str
    running: int
    grace_seconds: float


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsFound(SerializableExecutionEvent):
    """A task is performed for so many items, called `NAME[key]`; `kept` of them completed in the run that is continued.

    Of items that are never started no transition tells.
    """

    name: str
    items: int
    kept: int = 0


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalEvent(SerializableExecutionEvent):
    """A task waits for a person, as long as `answer` is empty; then it is `approved`, `rejected` or `timed out`.

    Times are ISO 8601, UTC. `otherwise` is what follows if nobody answers until `until`.
    """

    name: str
    run: str
    question: str
    since: str
    until: str | None = None
    otherwise: str = "reject"
    answer: str = ""
    by: str = ""
    comment: str = ""


reads("from_state", ExecutionState)
reads("to_state", ExecutionState)
reads("outcome", lambda body: None if body is None else Outcome.from_body(body))
