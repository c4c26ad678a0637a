"""Report: how a job ended, task by task, and what its tasks returned."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import field
from typing import Any, Protocol, TypeVar, overload

from ..dataclass import dataclass
from ..errors import JobFailedError
from ..eventbus.execution import UNSUCCESSFUL, ExecutionState
from .account import Account, Ending
from .task_report import AttemptReport, TaskReport

__all__ = ["AttemptReport", "Ending", "Gives", "Report", "TaskReport"]

T_co = TypeVar("T_co", covariant=True)


class Gives(Protocol[T_co]):
    """What stands for a task in a job in Python, with the type of its result."""

    @property
    def full_name(self) -> str:
        """The name of the task in the job."""

    def _gives(self) -> T_co: ...


@dataclass(frozen=True, slots=True)
class Report(Account):
    """How a job ended."""

    read: Callable[[str], Any] | None = field(default=None, repr=False)
    """Gives what a task returned."""
    later: Awaitable[Report] | None = field(default=None, repr=False)
    """Gives the report with detached tasks, if some had not ended."""

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

    @property
    def error_summary(self) -> list[str]:
        """What went wrong, in sentences, what ended the job first; also what a later attempt made good."""
        from .sentences import sentences

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
