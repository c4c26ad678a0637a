"""The sections of a job file, and its section `config:`, as frozen models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from .component import Component
from .parts import (
    CheckpointerDefinition,
    ExecutorDefinition,
    ExtensionDefinition,
    LoggerDefinition,
    Pool,
    SecretsDefinition,
)
from .quantities import Number, Seconds, WholeNumber, expected
from .task_definition import TaskDefinition


class HistoryDefinition(Component):
    """What the history keeps of each run."""

    values: bool = True
    """Keep what tasks returned and the shared values that they changed, up to 64 KiB of each."""


class ConfigurationDefinition(Component):
    """The section `config:`."""

    name: str = Field(default="flowrun", min_length=1)
    """Identifies the job: its checkpoint, its lock, its logs."""
    max_concurrency: WholeNumber = 0
    """At most this many tasks run at the same time; 0 or less: no limit."""
    extension_directories: tuple[str, ...] = ()
    """Further directories with task, logger, extension, checkpointer and executor classes."""
    extension_packages: tuple[str, ...] = ()
    """Installed packages with such classes."""
    synchro_interval_seconds: Number = Field(default=0.25, gt=0)
    """The loop looks around at least this often; it wakes at once on whatever happens."""
    loggers_interval_seconds: Number = Field(default=0.25, ge=0)
    """Log lines reach the loggers in batches at this interval; 0: at once."""
    extensions_interval_seconds: Number = Field(default=0.25, ge=0)
    """Transitions reach the extensions in batches at this interval; 0: at once."""
    checkpointer_interval_seconds: Number = Field(default=10.0, gt=0)
    """Snapshots for checkpointers that do not record each commit are written at this interval."""
    deadline: Seconds | None = None
    """Seconds the whole job may take; then it is stopped and ends with status 124."""
    grace_seconds: Number = Field(default=8.0, ge=0)
    """Time an aborted task has for `on_abort` and `on_destroy` before it is killed."""
    fail_fast: bool = False
    """The first failed task stops the job."""
    on_overlap: Literal["refuse", "skip", "wait", "allow"] = "refuse"
    """What a second run of the same job does while the first is running."""
    max_result_bytes: WholeNumber = Field(default=64 * 1024 * 1024, ge=1024)
    """A result larger than this, as stored, fails its task."""
    history: bool | HistoryDefinition = True
    """Whether the run is written into the history of the project, and what of it."""
    start_method: Literal["fork", "spawn"] = "fork"
    """How the process executor starts tasks: `fork` a warm starter, or `spawn` for code that must not be forked."""


class JobDefinition(Component):
    """What a job file says, merged with its includes, variables filled in."""

    version: Number = 0.1
    """Version of the format."""
    include: tuple[Path, ...] = ()
    """Files merged below this one, in order; paths are relative to the project root. Empty once they are merged."""
    config: ConfigurationDefinition = ConfigurationDefinition()
    """The job as a whole: its name, limits and intervals."""
    tasks: dict[Annotated[str, Field(min_length=1)], TaskDefinition]
    """The tasks by name, in file order."""
    loggers: dict[str, LoggerDefinition] = Field(default={"file-logger": LoggerDefinition(variant="FileLogger")})
    """Where log lines go. Giving the section replaces the default."""
    extensions: dict[str, ExtensionDefinition] = Field(
        default={"progress-bar": ExtensionDefinition(variant="RichProgressBar")}
    )
    """Who hears transitions. Giving the section replaces the default."""
    checkpointer: CheckpointerDefinition = CheckpointerDefinition(variant="FileCheckpointer")
    """What keeps the state of a run."""
    executors: dict[str, ExecutorDefinition] = Field(default={})
    """Ways of carrying out attempts, by the name that `executor:` of a task uses."""
    pools: dict[str, Pool] = Field(default={})
    """Named limits: `pools: {warehouse: 4}`."""
    vars: dict[str, Any] = Field(default={})
    """Values that expressions see as `vars`; one that is given with `--var` stands above the one here."""
    secrets: dict[str, SecretsDefinition] = Field(default={})
    """Where secrets come from that are neither in the environment nor in `.env`."""

    @field_validator("version")
    @classmethod
    def _version_is_known(cls, value: float) -> float:
        if not 0 <= value < 2:
            raise expected("a version that this flowrun reads: 0.1 to 1")
        return value
