"""Result: on a parameter, from which result its value comes if the job file gives none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Named(Protocol):
    """What stands for a task of a job that is written in Python."""

    @property
    def full_name(self) -> str:
        """The name of the task in the job."""


class Result:
    """Marks a parameter whose value is the result of a task, or a part of it.

    `Annotated[list[str], Result("load_users", "users", 0)]` stands for `${{ tasks.load_users.result.users[0] }}`.
    The task is given by its name in the job, as the function or class that it performs, or as what `Job.add` returned.
    """

    __slots__ = ("path", "task")

    def __init__(self, task: str | Callable[..., Any] | Named, /, *path: str | int) -> None:
        for step in path:
            if isinstance(step, bool) or not isinstance(step, str | int):
                raise TypeError(f"Result needs names and indexes after the task, not {step!r}")
        if not (isinstance(task, str) or callable(task) or hasattr(task, "full_name")):
            raise TypeError(f"Result needs the name of a task, or its function or class, not {task!r}")
        self.task = task
        self.path = path

    def expression(self, name: str) -> str:
        """What a job file says for it, if the task is called `name`."""
        return f"${{{{ tasks{_step(name)}.result{''.join(map(_step, self.path))} }}}}"

    def __repr__(self) -> str:
        task = repr(self.task) if isinstance(self.task, str) else getattr(self.task, "__name__", repr(self.task))
        return f"Result({', '.join([task, *map(repr, self.path)])})"


def _step(name: str | int) -> str:
    return f".{name}" if isinstance(name, str) and name.isidentifier() else f"[{name!r}]"
