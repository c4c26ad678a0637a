"""Task: the contract of what users write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, PrivateAttr

from .eventbus.log import LogWriter
from .lifecycle import Lifecycle
from .registry import Registry

T = TypeVar("T", bound="type[Task]")


@dataclass(frozen=True, slots=True)
class TaskMetadata:
    """Who a task is and which try this is."""

    name: str = "unnamed"
    variant: str = "unknown"
    depends_on: list[str] = field(default_factory=list)
    attempt: int = 1
    run_id: str = ""
    idempotency_key: str = ""
    """The same for all attempts of the task in a run, after a restart too."""


def _say_nothing(_severity: object, _message: str) -> None:
    """Where the messages of a task go that nobody performs."""


def _never() -> bool:
    return False


@dataclass(slots=True)
class Bench:
    """What an attempt hands to the task it performs."""

    shared_dict: MutableMapping[Any, Any] = field(default_factory=dict)
    logger: LogWriter = field(default_factory=lambda: LogWriter(_say_nothing))
    metadata: TaskMetadata = field(default_factory=TaskMetadata)
    is_aborting: Callable[[], bool] = _never


class Task(ABC, BaseModel, Lifecycle):
    """A piece of work. Its fields are its parameters in the job file; `run` is what it does."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    _bench: Bench | None = PrivateAttr(default=None)

    @abstractmethod
    def run(self) -> Any:
        """Do the work. What it returns is the result of the task. May be `async`."""

    @property
    def shared_dict(self) -> MutableMapping[Any, Any]:
        """A dictionary that all tasks of the job share."""
        return self._its_bench.shared_dict

    @property
    def logger(self) -> LogWriter:
        """Writes messages with a severity into the task's log."""
        return self._its_bench.logger

    @property
    def metadata(self) -> TaskMetadata:
        """Name, variant, dependencies, number of the attempt, id of the run."""
        return self._its_bench.metadata

    @property
    def aborting(self) -> bool:
        """The attempt should end soon. A task in a thread cannot be interrupted and looks here from time to time."""
        return self._its_bench.is_aborting()

    def take_bench(self, bench: Bench) -> None:
        """Called by the worker before the first hook."""
        private = self.__pydantic_private__
        if private is None:
            self._bench = bench
        else:
            private["_bench"] = bench  # past Pydantic's checks: this is done in every forked child

    @property
    def _its_bench(self) -> Bench:
        """A task that nobody performs, as in a user's unit test, has a bench of its own."""
        if self._bench is None:
            self._bench = Bench()
        return self._bench


tasks: Registry[Task] = Registry("task", lambda: Task)


def task(cls: T) -> T:
    """Register a class, so that job files can name it under `tasks:`."""
    tasks.register(cls)
    return cls
