"""Task: the contract of what users write."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

from pydantic import BaseModel, ConfigDict

from .bench import Bench
from .bench import TaskMetadata as TaskMetadata
from .errors import UsageError
from .eventbus.log import LogWriter
from .lifecycle import Lifecycle
from .registry import Registry

if TYPE_CHECKING:
    from typing import Unpack

    from .addition import Additions
    from .result import Result as Result
    from .task_keys import TaskKeys

F = TypeVar("F", bound=Callable[..., Any])

current: ContextVar[Task] = ContextVar("task")
"""The task that is being performed here. Set by the worker; others ask `current_task`."""


class _Environment:
    """No property, because it gives way to a field: many a task has a parameter that is called `env`."""

    def __get__(self, task: Task | None, _owner: type[Any]) -> Mapping[str, str]:
        if task is None:
            raise AttributeError("env")  # a field of this name hides nothing, and Pydantic need not warn of it
        return task._its_bench.env


class Task(ABC, BaseModel, Lifecycle):
    """A piece of work. Its fields are its parameters in the job file; `run` is what it does."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, defer_build=True)

    __slots__ = ("_bench",)  # not a private attribute: Pydantic's way to those takes longer than all else of an attempt
    if TYPE_CHECKING:
        _bench: ClassVar[Bench]  # one for each task, but type checkers must not ask for it when an object is made

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
        return self._its_bench.metadata()

    env: ClassVar[_Environment] = _Environment()
    """`env:` and `secrets:` of the task. In a process of its own they are in `os.environ` too."""

    @property
    def aborting(self) -> bool:
        """The attempt should end soon. A task in a thread cannot be interrupted and looks here from time to time."""
        return self._its_bench.is_aborting()

    def spawn(
        self,
        variant: Any,
        parameters: Mapping[str, Any] = {},
        *,
        name: str = "",
        after: Iterable[str] = (),
        stands_in: bool = False,
        **keys: Any,
    ) -> str:
        """Add a task to the job; it starts when this one has completed, and who waits for this one waits for it too.

        `variant` is a class, a function or a name; `after` are tasks that this one added before; `keys` are those of a
        task in a job file, as `max_attempts`. With `stands_in` its result is the result of this task. Returns the full
        name, `THIS/name`. Raises UsageError for a wrong name or key, and for parameters that do not fit the class.
        """
        from .addition import Addition

        known_as, cls = _known(variant)
        return self._its_additions.add(Addition(known_as, cls, parameters, name, after, keys, stands_in))

    def leave_out_rest(self) -> None:
        """Leave out the members of this task's group, or items of its fan, that have not started when it completes."""
        self._its_additions.leave_out_rest()

    def take_bench(self, bench: Bench) -> None:
        """Called by the worker before the first hook."""
        object.__setattr__(self, "_bench", bench)

    @contextmanager
    def _performed(self) -> Iterator[None]:
        """For a function that is called by hand, as in a user's unit test: no worker has made its task current."""
        before = current.set(self)
        try:
            yield
        finally:
            current.reset(before)

    @property
    def _its_additions(self) -> Additions:
        from .addition import Additions

        bench = self._its_bench
        if bench.additions is None:
            bench.additions = Additions(bench.metadata().name)
        return bench.additions

    @property
    def _its_bench(self) -> Bench:
        """A task that nobody performs, as in a user's unit test, has a bench of its own."""
        try:
            return self._bench
        except AttributeError:
            object.__setattr__(self, "_bench", Bench())
            return self._bench


tasks: Registry[Task] = Registry("task", lambda: Task)


@overload
def task(target: F, /) -> F: ...
@overload
def task(name: str | None = None, /, **keys: Unpack[TaskKeys]) -> Callable[[F], F]: ...
def task(target: Any = None, /, **keys: Any) -> Any:
    """Register a class or a function, so that job files can name it under `tasks:`.

    `@task` takes its own name, `@task("load")` or `@task(name="load")` another one. All further keywords are keys of
    a task, as in `@task(max_attempts=3, timeout="10m")`: what a job file says stands above them.
    The class or function itself stays as it is.
    """
    if target is None or isinstance(target, str):
        name = keys.pop("name", None) if target is None else target
        return lambda decorated: _registered(decorated, name, keys)
    return _registered(target, None, keys)


def _registered(target: Any, name: str | None, keys: dict[str, Any]) -> Any:
    if "task" in keys or "variant" in keys:
        raise TypeError("@task takes the name of a task as `name`")
    if not isinstance(name, str | None):
        raise TypeError(f"@task needs text as the name of a task, not {name!r}")
    if isinstance(target, type):
        tasks.register(target, name)
        if keys:
            target.__task_keys__ = keys  # type: ignore[attr-defined]
        return target
    from .functions.function import declared

    function = declared(target, Task, name, keys)
    tasks.offer(function, function.name, function.origin)
    return target


class KnownVariants(dict[str, type[Task]]):
    """Classes by the names that a job uses; of others, which tasks may add, the one that is registered."""

    def __missing__(self, name: str) -> type[Task]:
        found = tasks.candidates(name)
        if not found:
            raise KeyError(name)
        return found[0].cls


def task_of(target: Callable[..., Any]) -> type[Any]:
    """The task class of a function with `@task` above it, or of such a method of an object."""
    if isinstance(target, type) and issubclass(target, Task):
        return target
    from .functions.function import found_function

    return found_function(target).variant


def _known(variant: Any) -> tuple[str, type[Task]]:
    """The name and the class of a task that is to be added: given as a class, a function, or a name.

    Raises UsageError for a name that is none, or that of several.
    """
    if isinstance(variant, str):
        found = tasks.candidates(variant)
        if len(found) != 1:
            what = "no task class is called" if not found else f"{len(found)} task classes are called"
            raise UsageError(f"{what} {variant!r}")
        return variant, found[0].cls
    cls = task_of(variant)
    entry = tasks.entry_of(cls)
    if entry is None:
        tasks.register(cls)  # a job in Python needs no `@task`, and workers in its process find the class by its name
    return (cls.__name__ if entry is None else entry.name), cls


def bind(owner: object, prefix: str = "") -> list[str]:
    """Register the methods of an object that have `@task` above them, and give the names: theirs after `prefix`.

    Raises TypeError if there are none, ValueError if those of another object have these names already.
    """
    from .functions.binding import bind_methods

    return [function.name for function in bind_methods(owner, prefix, tasks, sys._getframe(1))]


def current_task() -> Task:
    """The task that is being performed here: its `shared_dict`, `logger`, `metadata` and what else it has.

    Raises RuntimeError where none is.
    """
    found = current.get(None)
    if found is None:
        raise RuntimeError(
            "current_task() was called where no task is performed; "
            "in a test, perform the function as a task: `task_of(load)(day=...).run()`"
        )
    return found


def progress(done: float, total: float | None = None, message: str = "") -> None:
    """Say how far the attempt is: so much is done, of so much in all if that is known, and of what.

    It may be called as often as one likes: the last one counts. Where no task is performed nothing happens.
    Raises ValueError for numbers that are negative or not finite.
    """
    from .eventbus.progress import Progress  # few tasks need it

    said = Progress.checked(done, total, message)
    found = current.get(None)
    if found is not None:
        found._its_bench.tell(said)


def __getattr__(name: str) -> Any:
    if name == "Result":  # few jobs need it
        from .result import Result

        return Result
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
