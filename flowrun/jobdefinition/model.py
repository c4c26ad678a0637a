"""The sections and keys of a job file, as frozen models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, field_validator
from pydantic.annotated_handlers import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from .quantities import Number, Seconds, WholeNumber, expected


def _backoff_form(value: Any) -> str:
    return "mapping" if isinstance(value, dict | Backoff) else "seconds"


def _pool_form(value: Any) -> Any:
    return value if isinstance(value, dict | PoolDefinition) else {"slots": value}


class Component(BaseModel):
    """What every section shares: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        # `use_attribute_docstrings` would read the source whenever flowrun starts.
        from .descriptions import descriptions_of

        answer = handler(schema)
        properties = handler.resolve_ref_schema(answer).get("properties", {})
        for name, text in descriptions_of(cls).items():
            properties[cls.model_fields[name].alias or name]["description"] = text
        return answer


class Backoff(Component):
    """The pause between attempts: `first`, then times `factor`, at most `cap`; `jitter` spreads it."""

    first: Seconds = 1.0
    """Seconds before the second attempt."""
    factor: Number = Field(default=2.0, ge=1)
    """Each further pause is this many times the one before."""
    cap: Seconds = 3600.0
    """No pause is longer."""
    jitter: bool = False
    """Each pause is drawn between half of it and all of it."""


class Plugin(Component):
    """A named part: its registered class and the parameters it is made with."""

    variant: str
    """Name of the registered class."""
    parameters: dict[str, Any] = {}
    """Fields of the class."""


class LoggerDefinition(Plugin):
    """One entry under `loggers:`."""

    variant: str = Field(alias="logger")
    """Name of a `@logger` class."""


class ExtensionDefinition(Plugin):
    """One entry under `extensions:`."""

    variant: str = Field(alias="extension")
    """Name of an `@extension` class."""


class CheckpointerDefinition(Plugin):
    """The section `checkpointer:`."""

    variant: str = Field(alias="checkpointer")
    """Name of a `@checkpointer` class."""


class ExecutorDefinition(Plugin):
    """One entry under `executors:`."""

    variant: str = Field(alias="executor")
    """Name of an `@executor` class, or `process`, `thread`, `async`."""


class PoolDefinition(Component):
    """A named limit: at most `slots` tasks of the pool run at the same time."""

    slots: WholeNumber = Field(ge=1)
    """This many tasks of the pool at most run at the same time."""


Pool = Annotated[PoolDefinition, BeforeValidator(_pool_form, json_schema_input_type=PoolDefinition | int)]
"""A named limit as a mapping, or the bare number of its slots."""


class TaskDefinition(Component):
    """One entry under `tasks:`."""

    variant: str = Field(alias="task")
    """Name of a `@task` class."""
    depends_on: tuple[str, ...] = Field(default=(), alias="dependencies")
    """Tasks that must complete first."""
    parameters: dict[str, Any] = {}
    """Fields of the class."""
    max_attempts: WholeNumber = Field(default=1, ge=1)
    """Number of tries in all."""
    backoff: Annotated[
        Annotated[Seconds, Tag("seconds")] | Annotated[Backoff, Tag("mapping")], Discriminator(_backoff_form)
    ] = 0.0
    """Pause between attempts: seconds, or a mapping of `first`, `factor`, `cap`, `jitter`."""
    retry_on: tuple[str, ...] = ()
    """Exception names that are worth another try; empty: any failure is."""
    timeout: Seconds | None = None
    """Seconds an attempt may take; then it is aborted and counts as failed."""
    executor: str | None = None
    """`process`, `thread`, `async`, or a name under `executors:`.

    Without one: `async` for `async def run`, else `process`.
    """
    pool: str | None = None
    """A named limit under `pools:`."""
    priority: WholeNumber = 0
    """Higher starts first among ready tasks."""
    at_most_once: bool = False
    """After a crash the task is failed as lost instead of started again."""

    @field_validator("timeout")
    @classmethod
    def _timeout_is_positive(cls, value: float | None) -> float | None:
        if value is not None and value <= 0:
            raise expected("longer than 0 seconds")
        return value


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
    loggers: dict[str, LoggerDefinition] = {"file-logger": LoggerDefinition(variant="FileLogger")}
    """Where log lines go. Giving the section replaces the default."""
    extensions: dict[str, ExtensionDefinition] = {"progress-bar": ExtensionDefinition(variant="RichProgressBar")}
    """Who hears transitions. Giving the section replaces the default."""
    checkpointer: CheckpointerDefinition = CheckpointerDefinition(variant="FileCheckpointer")
    """What keeps the state of a run."""
    executors: dict[str, ExecutorDefinition] = {}
    """Ways of carrying out attempts, by the name that `executor:` of a task uses."""
    pools: dict[str, Pool] = {}
    """Named limits: `pools: {warehouse: 4}`."""

    @field_validator("version")
    @classmethod
    def _version_is_known(cls, value: float) -> float:
        if not 0 <= value < 2:
            raise expected("a version that this flowrun reads: 0.1 to 1")
        return value
