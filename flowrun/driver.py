"""Flowrun: the Python interface, as Flowmancer's driver scripts use it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Self

from .app import JobSource, RunRequest, open_job, run_job
from .driver_arguments import DriverArguments, read_arguments
from .engine.report import Report
from .errors import FlowrunError, JobFailedError, NoTasksLoadedError, StateError
from .eventbus.execution import UNSUCCESSFUL, ExecutionStateTransition, SerializableExecutionEvent
from .extensions.extension import Extension
from .jobdefinition import JobDefinition
from .task import Task, tasks

UNABLE_TO_START = 99
"""What `start` returns when the job could not be run at all, as Flowmancer does."""


class Flowrun:
    """A job that is run from Python. Usable any number of times in one process.

    `Flowrun().start()` in a script reads the script's command line, as `flowrun run` does; anywhere else
    the command line belongs to somebody else and is left alone.
    """

    def __init__(self, *, test: bool = False, debug: bool = False) -> None:
        """`test`: neither command line nor loggers nor extensions. `debug`: print every transition."""
        self._is_test = test
        self._debug = debug
        self._variables: dict[str, str] = {}
        self._source: str | Path | dict[str, Any] | JobDefinition | None = None
        self._root: Path | None = None
        self._kind = "yaml"
        self._added: dict[str, dict[str, Any]] = {}
        self.report: Report | None = None
        """How the last run ended, task by task."""

    def set_jobdef_var(self, key: str, value: str) -> None:
        """Set what `$VAR{key}` becomes. Raises TypeError for anything but text."""
        for name, text in (("key", key), ("value", value)):
            if not isinstance(text, str):
                raise TypeError(f"str expected for `{name}`, not {type(text).__name__}")
        self._variables[key] = value

    def unset_jobdef_var(self, key: str) -> None:
        """Forget a variable. Raises TypeError for anything but text, KeyError if it was not set."""
        if not isinstance(key, str):
            raise TypeError(f"str expected for `key`, not {type(key).__name__}")
        del self._variables[key]

    def load_job_definition(
        self,
        j: str | Path | dict[str, Any] | JobDefinition,
        app_root_dir: str | Path | None = None,
        jobdef_type: str = "yaml",
    ) -> Self:
        """Take a job: the path of a file, a mapping, or a definition. It is read and checked when it is started."""
        self._source = j
        self._root = Path(app_root_dir) if app_root_dir is not None else self._root
        self._kind = jobdef_type
        return self

    def get_job_definition(self) -> JobDefinition:
        """The definition as it would run, added tasks included. Raises DefinitionError."""
        return open_job(self._job_source(_caller())).definition

    def add_executor(
        self,
        name: str,
        task_class: str | type[Task],
        deps: list[str] | None = None,
        max_attempts: int = 1,
        backoff: float = 0,
        parameters: dict[str, Any] | None = None,
    ) -> None:
        """Add a task to the job. `task_class` is a class, or the name of a registered one; `backoff` is in seconds."""
        if not isinstance(task_class, str):
            tasks.register(task_class)
            task_class = task_class.__name__
        self._added[name] = {
            "task": task_class,
            "dependencies": list(deps or []),
            "max_attempts": max_attempts,
            "backoff": backoff,
            "parameters": dict(parameters or {}),
        }

    def start(
        self,
        default_jobdef_path: str | Path | None = None,
        default_jobdef_type: str = "yaml",
        raise_exception_on_failure: bool = False,
        *,
        restart: bool | str = False,
        argv: Sequence[str] | None = None,
    ) -> int:
        """Run the job. Returns the number of tasks that failed or were held back, 99 if it could not be started.

        `default_jobdef_path` is relative to the directory of the script that calls. `restart` continues the
        newest unfinished run, or the one with this id. `argv` are options as of `flowrun run`; a script that is
        run itself gives its own. With `raise_exception_on_failure`, whatever prevents the start is raised as
        FlowrunError, and failed tasks as JobFailedError with their names.
        """
        caller = _caller()
        if default_jobdef_path is not None and self._source is None:
            self.load_job_definition(_root_of(caller) / default_jobdef_path, jobdef_type=default_jobdef_type)
        if argv is None and not self._is_test and caller.f_globals.get("__name__") == "__main__":
            argv = sys.argv[1:]
        try:
            request = self._request(caller, restart, argv)
            self.report = run_job(request, listeners=[_Transitions()] if self._debug else [])
        except FlowrunError as error:
            if raise_exception_on_failure:
                raise
            _say(error)
            return UNABLE_TO_START
        return self._verdict(self.report, raise_exception_on_failure)

    def _verdict(self, report: Report, raise_exception_on_failure: bool) -> int:
        if report.is_completed:
            return 0
        names = report.named(*UNSUCCESSFUL)
        cause = report.root_cause
        said = f": {cause.name}: {cause.outcome.message}" if cause and cause.outcome else f": {report.ending.value}"
        message = f"job {report.job_name!r} did not complete{said}"
        if raise_exception_on_failure:
            raise JobFailedError(message, names)
        _say(message)
        return report.failures or max(1, len(names))

    def _request(self, caller: FrameType, restart: bool | str, argv: Sequence[str] | None) -> RunRequest:
        given = read_arguments(argv) if argv is not None else DriverArguments()
        for key, value in given.variables.items():
            self.set_jobdef_var(key, value)
        if given.job is not None:
            self.load_job_definition(Path.cwd() / given.job, jobdef_type=given.kind or self._kind)
        self._debug = self._debug or given.debug
        request = RunRequest(
            self._job_source(caller),
            restart=restart or given.restart,
            selection=given.selection,
            max_concurrency=given.max_concurrency,
            is_silent=self._is_test,
        )
        return _continued(request) if request.restart else request

    def _job_source(self, caller: FrameType) -> JobSource:
        root = self._root or _root_of(caller)
        return JobSource(self._with_added(root), root=root, kind=self._kind, variables=dict(self._variables))

    def _with_added(self, root: Path) -> str | Path | dict[str, Any] | JobDefinition:
        if not self._added:
            if self._source is None:
                raise NoTasksLoadedError("no tasks: load a job definition, or add tasks with `add_executor`")
            return self._source
        if self._source is None:
            return {"tasks": self._added}
        if isinstance(self._source, dict):
            return {**self._source, "tasks": {**self._source.get("tasks", {}), **self._added}}
        source = JobSource(self._source, root=root, kind=self._kind, variables=dict(self._variables))
        job = open_job(source)
        definition = job.loaded.written or job.definition
        more = JobDefinition.model_validate({"tasks": self._added}).tasks
        return definition.model_copy(update={"tasks": {**definition.tasks, **more}})


class _Transitions(Extension):
    """Prints each transition, for `debug=True`."""

    async def update(self, e: SerializableExecutionEvent) -> None:
        if isinstance(e, ExecutionStateTransition):
            sys.stdout.write(f"({e.name!r}, {e.from_state.name}, {e.to_state.name})\n")


def _continued(request: RunRequest) -> RunRequest:
    """The request with the variables of the run that it continues, as `flowrun -r` takes them up."""
    from .plaintext import plain_line
    from .taken_up import taken_up

    try:
        request, taken = taken_up(request)
    except StateError as error:  # a restart does not depend on the history
        _say(f"the variables of the run to be continued are not known: {error}")
        return request
    if taken is not None:
        sys.stderr.writelines(f"{plain_line(said)}\n" for said in (taken.told, taken.lacking) if said)
    return request


def _say(message: object) -> None:
    """A driver script has no other face: what went wrong is said on its error stream."""
    sys.stderr.write(f"ERROR: {message}\n")


def _caller() -> FrameType:
    """The frame outside this module that called."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    return frame


def _root_of(caller: FrameType) -> Path:
    """The directory of the script that calls: where a driver's project is."""
    file = caller.f_globals.get("__file__")
    return Path(file).resolve().parent if file else Path.cwd()
