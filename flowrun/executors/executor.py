"""Executor: the contract of those who carry attempts to workers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from ..attempt import Attempt, Outcome
from ..dataclass import dataclass
from ..eventbus.event import SerializableEvent
from ..lifecycle import AsyncLifecycle
from ..registry import Registry
from ..shared_values import SharedValues

X = TypeVar("X", bound="type[Executor]")

Emit = Callable[[SerializableEvent], None]
"""How an attempt speaks to the world. To be called on the thread that called `run`."""

Ended = Callable[[Outcome], None]
"""Told how an attempt ended. To be called once, on the thread that called `begin`."""


async def _no_wait() -> None:
    """There is always room."""


def _say_nothing(_text: str) -> None:
    """Where notices of an executor go that works for no run."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What every attempt of a job may use."""

    root: Path
    """The project root: working directory of attempts that have a process of their own."""
    variants: Mapping[str, type[Any]] = field(default_factory=dict)
    """The class of each task that runs here, by variant name."""
    shared: SharedValues = field(default_factory=SharedValues)
    max_result_bytes: int = 64 * 1024 * 1024
    once: frozenset[str] = frozenset()
    """Tasks that are `at_most_once`: of these, no attempt may be given to a second worker."""
    grace_seconds: float = 8.0
    """What an attempt has to end after its timeout, for executors that count this themselves."""
    private_descriptors: tuple[int, ...] = ()
    """Descriptors of the runner that no attempt may inherit: the job's lock."""
    is_full: Callable[[], bool] = field(default=lambda: False)
    """A logger that must not lose lines is far behind: whoever reads output of attempts should pause."""
    wait_for_room: Callable[[], Awaitable[None]] = field(default=_no_wait)
    """Returns when it has caught up."""
    hands_on: bool = False
    """Some task is given what another returned: what reads and writes values is loaded before the first attempt."""
    hands_live: bool = False
    """What attempts in this process return is handed on as it is."""
    encodes: bool = True
    """What they return is encoded, because it is kept."""
    is_discovered: bool = True
    """Classes of the job come from the directories of the project."""
    discovery: Mapping[str, Any] = field(default_factory=dict)
    """What a new interpreter needs to find the same classes: `directories` and `packages` of the job."""
    is_remote: bool = False
    """The runner is on another machine: values travel whole, and none is put aside into a file of this one."""
    shared_of: Callable[[Attempt], SharedValues] | None = None
    """Attempts of many jobs come here, and each brings the shared values that it sees."""
    say: Callable[[str], None] = field(default=_say_nothing)
    """Tells the person who watches the run one thing about the executor, as in `Redis is away, waiting`."""
    give_up: Callable[[str], None] = field(default=_say_nothing)
    """Called with the reason when a service stayed unreachable: the run is stopped and can be continued."""

    staying: Callable[[], frozenset[str]] = field(default=frozenset)
    """Gives the tasks whose results only others of this executor are given: they may stay where they are."""
    is_asked_later: bool = False
    """The program that runs the job may ask for any result when it is over."""

    def shared_with(self, attempt: Attempt) -> SharedValues:
        """The shared values that an attempt sees and changes."""
        return self.shared if self.shared_of is None else self.shared_of(attempt)


class Executor(ABC, AsyncLifecycle, BaseModel):
    """Carries attempts to a worker and brings their outcomes back. Its fields are its parameters in the job file."""

    is_resident: ClassVar[bool] = False
    """Attempts run in this process: values are handed to them as they are (`Attempt.live`)."""
    needs_class: ClassVar[bool] = True
    """A task needs a class or function in the project; False: workers elsewhere may know its name (`offers`)."""
    outlives_runner: ClassVar[bool] = False
    """Attempts go on when the runner dies. At a restart one that was under way begins again under the same number,
    so that the executor can find it and wait for its end instead of starting another (`Attempt.may_be_under_way`). One
    that is `at_most_once` and that it cannot find is lost."""
    counts_timeout: ClassVar[bool] = False
    """Attempts may wait for a worker first: their timeout (`Attempt.timeout_seconds`) is counted from their start."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, defer_build=True)

    def prepare(self, workplace: Workplace) -> None:
        """Called once, before any thread or event loop exists in this process."""

    def offers(self) -> Mapping[str, Any] | None:
        """Called before the run for tasks without a class: the JSON Schema of the parameters (None: unknown) by name.

        None instead of a mapping: nobody can be asked now.
        """
        return None

    @property
    def max_slots(self) -> int | None:
        """At most this many attempts can be carried at the same time; None: any number. Asked after `prepare`."""
        return None

    @abstractmethod
    async def run(self, attempt: Attempt, emit: Emit) -> Outcome:
        """Called for each attempt. A task's failure is an outcome; raise only for a fault of the executor."""

    async def abort(self, attempt: Attempt) -> None:
        """Called when an attempt must end early; its `run` then returns an aborted outcome."""

    async def kill(self, attempt: Attempt) -> None:
        """Called when the grace time of an aborted attempt is over; its `run` then returns at once."""

    def let_go(self, tasks: Iterable[str]) -> None:
        """Called when nobody is given the results of these tasks any more: what is elsewhere may be dropped."""

    async def bring_home(self) -> None:
        """Called before `on_destroy` if the run can be continued: results that are elsewhere go into its files now."""


class DirectExecutor(Executor):
    """An executor that calls back: no asyncio task has to wait for each of its attempts."""

    @abstractmethod
    def begin(self, attempt: Attempt, emit: Emit, ended: Ended) -> None:
        """Called for each attempt, in place of `run`. Returns at once; `ended` is called later, never from in here."""

    async def run(self, attempt: Attempt, emit: Emit) -> Outcome:
        """Begin the attempt and wait for its end."""
        import asyncio  # late: the process that starts tasks is forked before, and is better small

        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.begin(attempt, emit, lambda it: None if outcome.done() else outcome.set_result(it))
        return await outcome


async def release(prepared: Iterable[Executor]) -> None:
    """Call `on_destroy` of executors whose job cannot go on; what they raise is less than the reason for it."""
    for it in prepared:
        with suppress(Exception):
            await it.on_destroy()


executors: Registry[Executor] = Registry("executor", lambda: Executor)


def executor(cls: X) -> X:
    """Register a class, so that job files can name it under `executors:`."""
    executors.register(cls)
    return cls
