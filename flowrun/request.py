"""RunRequest: what is to be run, and how it differs from what the job file says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field, fields
from itertools import islice

from .assemble import JobSource, OpenJob
from .dataclass import dataclass
from .engine.clock import Clock
from .engine.selection import Selection
from .errors import UsageError
from .jobdefinition.model import ConfigurationDefinition
from .loggers.logger import Logger


@dataclass(frozen=True)
class RunRequest:
    """What is to be run, and how it differs from what the job file says."""

    source: JobSource | OpenJob
    """A job to be read, or one that was opened before."""
    restart: bool | str = False
    """Continue the newest unfinished run, or the one with this id or prefix."""
    selection: Selection = field(default_factory=Selection)
    rerun_changed: bool = False
    """Finished tasks whose definition has changed run again, with what depends on them."""
    force: bool | tuple[str, ...] = False
    """These tasks, or all, are performed even if they are up to date."""
    verify: bool = False
    """Tasks that are up to date are performed nonetheless, and fail if they make something else."""
    max_concurrency: int | None = None
    on_overlap: str | None = None
    fail_fast: bool | None = None
    deadline: float | None = None
    """Seconds."""
    history: bool | None = None
    """Whether the run is written into the history; None: as the job says."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What the run is to be found by in the history."""
    trigger: str = "python"
    """Who starts it."""
    named: str = ""
    """How the caller named a job that was opened before."""
    is_silent: bool = False
    """No loggers and no extensions: for tests of a job."""
    loggers: Mapping[str, Logger] = field(default_factory=dict)
    """Further ones, which no job file names."""
    answers: Mapping[str, bool] | None = None
    """Whether tasks are approved that wait for that, by name, and others are; None: people are asked."""
    clock: Clock = field(default_factory=Clock)
    """The time as the engine sees it."""

    @property
    def job_name(self) -> str:
        """The job as the caller named it."""
        if isinstance(self.source, OpenJob):
            return self.named or self.source.name
        return str(self.source.job)

    @property
    def arguments(self) -> list[str]:
        """What was asked for besides the job, as it is written on the command line."""
        given = [f"--restart={self.restart}" if isinstance(self.restart, str) else "--restart"] if self.restart else []
        given += ["--rerun-changed"] if self.rerun_changed else []
        given += _options(self.selection)
        if self.force:
            given += ["--force"] if isinstance(self.force, bool) else [f"--force={name}" for name in self.force]
        given += [] if self.max_concurrency is None else [f"--max-concurrency={self.max_concurrency}"]
        return given

    def is_forced(self, task: str) -> bool:
        """Whether a task is performed even if it is up to date: it was named, or what it is a member or item of."""
        if isinstance(self.force, bool):
            return self.force
        return any(task == name or task.startswith((f"{name}/", f"{name}[")) for name in self.force)

    def config(self, config: ConfigurationDefinition) -> ConfigurationDefinition:
        """The job's configuration, with what was asked for standing above it."""
        asked = {
            "max_concurrency": self.max_concurrency,
            "on_overlap": self.on_overlap,
            "fail_fast": self.fail_fast,
            "deadline": self.deadline,
            "history": self.history,
        }
        given = {key: value for key, value in asked.items() if value is not None}
        return config.model_copy(update=given) if given else config


def refuse_impossible(request: RunRequest, job: OpenJob) -> None:
    """Raise UsageError for a selected task that the job does not have, and if no task is left to run."""
    names = job.definition.tasks
    forced = () if isinstance(request.force, bool) else request.force
    for name in (*request.selection.names(), *forced):
        if name not in names:
            from difflib import get_close_matches

            near = get_close_matches(name, names, 1)
            there = f"; did you mean {near[0]!r}?" if near else f"; there are: {_listed(names)}"
            hint = _not_chosen_alone(name, job) or there
            raise UsageError(f"no task is named {name!r} in job {job.name!r}{hint}")
    if _leaves_nothing(request.selection, job, is_restart=bool(request.restart)):
        options = " ".join(_options(request.selection))
        raise UsageError(f"`{options}` leaves nothing to run of job {job.name!r}: take one of these options back")


def _listed(names: Collection[str]) -> str:
    some = ", ".join(islice(names, 12))
    return f"{some}, and {len(names) - 12} more" if len(names) > 12 else some


def _not_chosen_alone(name: str, job: OpenJob) -> str:
    """The reason for which an item, or a task that another one adds, cannot be chosen; empty for any other name."""
    owner = next((name[:at] for at in range(len(name), 0, -1) if name[:at] in job.definition.tasks), None)
    rest = "" if owner is None else name[len(owner) :]
    if owner is not None and rest.startswith("[") and job.definition.tasks[owner].is_fan:
        return f"; items cannot be chosen one by one: {owner!r} means all of them, and -r keeps those that completed"
    if owner is not None and rest.startswith("/") and not job.definition.tasks[owner].is_group:
        return f"; what {owner!r} adds while it runs cannot be chosen: {owner!r} means that too"
    return ""


def _leaves_nothing(selection: Selection, job: OpenJob, *, is_restart: bool) -> bool:
    wanted = selection.wanted(job.graph, is_restart=is_restart)
    if selection.only or selection.run_to or selection.run_from or selection.start_from:
        wanted -= set(selection.mark_completed)
    return not wanted


def _options(selection: Selection) -> list[str]:
    """The selection as it is written on the command line."""
    given = [(f.name.replace("_", "-"), name) for f in fields(selection) for name in getattr(selection, f.name)]
    return [f"--{option.replace('start-from', 'from')} {name}" for option, name in given]
