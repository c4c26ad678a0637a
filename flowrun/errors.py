"""Every error a user can meet, and the exit status it carries.

FlowrunError                          70  a mistake in flowrun itself
├── UsageError                         2  wrong use of the command line
│   └── VarFormatError                    `--var` without `=`
├── DefinitionError                    3  the job definition is invalid; nothing has run
│   ├── NoTasksLoadedError                no tasks in the definition
│   ├── TaskValidationError               parameters of tasks do not fit their classes
│   ├── TaskClassNotFoundError            a class that nobody registered
│   ├── ExtensionsDirectoryNotFoundError  a directory under `extension_directories` is missing
│   ├── NotAPackageError                  an entry of `extension_directories` is no directory
│   └── ModuleLoadError                   a module that the job needs cannot be imported
├── JobAlreadyRunningError             4  another run of the same job holds its lock
│   └── JobSkippedError                0  the same, and `on_overlap: skip` says that this is no failure
├── NotConfirmedError                  1  the person who was asked said no; nothing has run
├── StateError                         5  what is kept of a run cannot be written or read
│   ├── CheckpointInvalidError            damaged or foreign
│   └── NoCheckpointAvailableError        nothing to continue
├── ServiceUnreachableError            6  a service that executors need (Redis, Dask) stayed unreachable
├── JobFailedError                     1  tasks failed (only with `raise_exception_on_failure`)
├── PermanentError                     1  raised by a task: another try would fail in the same way
├── ExpressionError                    1  an expression cannot be read or filled in; its task does not start
├── ItemsError                         1  `foreach` or `matrix` gives no items; its task does not start
├── SharedValueError                      a shared value that cannot be kept or was changed by two tasks
└── IllegalTransition                 70  a state was moved against the table
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .problem import Problem


class FlowrunError(Exception):
    """The base of all errors of flowrun. `exit_status` is what the command line ends with."""

    exit_status = 70


class UsageError(FlowrunError):
    """The command line or an argument of the Python interface is wrong."""

    exit_status = 2


class VarFormatError(UsageError):
    """A variable was not given as KEY=VALUE."""


class DefinitionError(FlowrunError):
    """The job definition is invalid; nothing has run. `problems` lists every mistake, sorted by place."""

    exit_status = 3

    def __init__(self, problems: Sequence[Problem] | str = ()) -> None:
        self.problems: tuple[Problem, ...] = () if isinstance(problems, str) else tuple(problems)
        super().__init__(problems if isinstance(problems, str) else "\n".join(map(str, self.problems)))


class NoTasksLoadedError(DefinitionError):
    """The job definition has no tasks."""


class TaskValidationError(DefinitionError):
    """Parameters of tasks do not fit their classes."""

    @property
    def errors(self) -> list[dict[str, str]]:
        """Each problem as `{"field": key path, "msg": sentence}`, as Flowmancer gives them."""
        return [{"field": problem.path, "msg": problem.message} for problem in self.problems]


class TaskClassNotFoundError(DefinitionError):
    """A class is named that nobody registered."""


class ExtensionsDirectoryNotFoundError(DefinitionError):
    """A directory under `config.extension_directories` does not exist."""


class NotAPackageError(DefinitionError):
    """An entry of `config.extension_directories` is not a directory."""


class ModuleLoadError(DefinitionError):
    """A module that the job needs cannot be imported."""


class JobAlreadyRunningError(FlowrunError):
    """Another run of the same job holds its lock."""

    exit_status = 4


class JobSkippedError(JobAlreadyRunningError):
    """Another run of the same job holds its lock, and `on_overlap: skip` says that this is no failure."""

    exit_status = 0


class NotConfirmedError(FlowrunError):
    """The person who was asked said no; nothing has run."""

    exit_status = 1


_BY_CODE: dict[str, type[DefinitionError]] = {
    "FR111": NoTasksLoadedError,
    "FR207": TaskValidationError,
    "FR208": TaskValidationError,
    "FR209": TaskValidationError,
    "FR402": TaskClassNotFoundError,
    "FR406": ExtensionsDirectoryNotFoundError,
    "FR407": NotAPackageError,
    "FR408": ModuleLoadError,
}


def definition_error(problems: Sequence[Problem]) -> DefinitionError:
    """The error for these problems: of the particular kind if all are of one, the general one otherwise."""
    kinds = {_BY_CODE.get(problem.code, DefinitionError) for problem in problems}
    return (kinds.pop() if len(kinds) == 1 else DefinitionError)(problems)


class StateError(FlowrunError):
    """What is kept of a run cannot be written or read."""

    exit_status = 5


class CheckpointInvalidError(StateError):
    """A checkpoint is damaged, foreign, or of a newer version."""


class NoCheckpointAvailableError(StateError):
    """There is nothing to continue from."""


class ServiceUnreachableError(FlowrunError):
    """A service that executors need stayed unreachable. The message has its address, without password, and why."""

    exit_status = 6


class JobFailedError(FlowrunError):
    """The job did not complete. `names` are the tasks that failed or were held back."""

    exit_status = 1

    def __init__(self, message: str, names: Iterable[str] = ()) -> None:
        self.names = tuple(names)
        super().__init__(message)


class PermanentError(FlowrunError):
    """Raised by a task, itself or a subclass, when another try would fail in the same way: there is none."""

    exit_status = 1


class ExpressionError(FlowrunError):
    """An expression cannot be read, or what it names is not there."""

    exit_status = 1


class ItemsError(FlowrunError):
    """There are no items for `foreach` or `matrix`. `steps` lead to the place in what is written there."""

    exit_status = 1

    def __init__(self, message: str, steps: Sequence[str | int] = ()) -> None:
        self.steps = tuple(steps)
        super().__init__(message)


class SharedValueError(FlowrunError):
    """A value cannot be kept in `shared_dict`, or two tasks changed it at once."""


class IllegalTransition(FlowrunError):
    """A state was moved against the table of allowed moves."""

    def __init__(self, name: str, now: str, to: str) -> None:
        super().__init__(f"task {name!r} cannot move from {now} to {to}")
