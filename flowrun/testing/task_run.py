"""run_task: performs one task as a worker would, in this process, and tells everything that came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .. import values
from ..attempt import Attempt, Outcome
from ..errors import JobFailedError
from ..eventbus.log import Severity
from ..executors.abort_switch import AbortSwitch
from ..executors.capture import Spoken, attempts_heard
from ..executors.perform import Station, perform_here
from ..shared_dict import SharedDict
from ..shared_values import SharedValues
from ..task import Task, task_of
from ..values.file_store import FileStore
from .environment import environment
from .given_parameters import given_parameters
from .noted_hooks import noting_hooks

_JOB = "test"


@dataclass(frozen=True)
class TaskRun:
    """What came of one attempt of one task."""

    outcome: Outcome
    hooks: tuple[str, ...]
    """The hooks that were called and that the class has, in order: `on_create`, `run`, …"""
    lines: tuple[str, ...]
    """What it printed and logged."""
    shared: dict[Any, Any]
    """The shared values afterwards."""
    _result: Any = None

    @property
    def result(self) -> Any:
        """What it returned, as other tasks would be given it. Raises JobFailedError if it did not complete."""
        if not self.outcome.is_completed:
            raise JobFailedError(f"the task did not complete: {self.outcome.message}\n{self.outcome.traceback}")
        return self._result


def run_task(
    target: Callable[..., Any] | type[Task],
    parameters: Mapping[str, Any] = {},
    *,
    name: str = "",
    shared: Mapping[Any, Any] | None = None,
    results: Mapping[str, Any] | None = None,
    attempt: int = 1,
    is_restart: bool = False,
    env: Mapping[str, str] | None = None,
) -> TaskRun:
    """Perform a task class or function with all its hooks, in this process. Its failure is an outcome, not raised.

    `parameters` are as in a job file, expressions too; `results` are those of other tasks, for `Result` and
    expressions; `env` is added to the environment meanwhile. Raises TypeError for what is no task, and UsageError if
    a result is needed that was not given.
    """
    variant = task_of(target)
    title = name or variant.__name__
    given = Attempt(
        run_id=_JOB,
        job_name=_JOB,
        task=title,
        variant=variant.__name__,
        number=attempt,
        live=given_parameters(variant, parameters, results or {}, env or {}),
        is_restart=is_restart,
        env=env or {},
    )
    with TemporaryDirectory() as root, environment(given.env):
        return _perform(given, variant, Path(root), shared or {})


def _perform(attempt: Attempt, variant: type[Task], root: Path, shared: Mapping[Any, Any]) -> TaskRun:
    hooks: list[str] = []
    lines: list[str] = []
    board = SharedValues()
    board.restore({values.encode(key): values.encode(value) for key, value in shared.items()})

    def write(_severity: Severity, text: str) -> None:
        lines.extend(text.split("\n"))

    spoken = Spoken(write)
    station = Station(SharedDict(board), write, AbortSwitch(), 64 * 1024 * 1024, root=root)
    noted = noting_hooks(variant, hooks)
    with attempts_heard():
        outcome = _in_its_thread(lambda: _spoken(spoken, lambda: perform_here(attempt, noted, station)))
    store = FileStore(root, attempt.job_name, attempt.run_id)
    result = None if outcome.result is None else values.decode(outcome.result, store)
    left = {values.decode(key): values.decode(text) for key, text in board.texts().items()}
    return TaskRun(outcome, tuple(hooks), tuple(lines), left, result)


def _spoken(spoken: Spoken, work: Callable[[], Outcome]) -> Outcome:
    with spoken.speaking():
        return work()


def _in_its_thread(work: Callable[[], Outcome]) -> Outcome:
    """A test that is a coroutine has an event loop already: then the task needs a thread for its own."""
    if not _is_in_event_loop():
        return work()
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def _is_in_event_loop() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
