"""TaskDefinition: one entry under `tasks:`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from .component import Component
from .quantities import Number, Seconds, WholeNumber, expected, number_or_share


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


def _backoff_form(value: Any) -> str:
    return "mapping" if isinstance(value, dict | Backoff) else "seconds"


class CacheDefinition(Component):
    """What else decides whether the result of an earlier run can be taken."""

    key: dict[str, Any] | tuple[Any, ...] = ()
    """Values, mostly expressions; the task runs again when one has changed."""
    env: tuple[str, ...] = ()
    """Names of environment variables; the task runs again when one has changed."""
    max_age: Seconds | None = None
    """An older result is not taken."""


_LONGEST_WAIT_SECONDS = 87_600 * 3600  # what ends later has no place in a calendar, sooner or later


class ApprovalDefinition(Component):
    """What a person is asked before the task starts, and what happens if nobody answers in time."""

    question: str = Field(min_length=1)
    """What is asked. It may have expressions."""
    timeout: Seconds | None = None
    """How long an answer is awaited; without it, for ever."""
    otherwise: Literal["reject", "approve", "stop"] = "reject"
    """What an answer that did not come in time means.

    `reject`: the task fails; `approve`: it starts; `stop`: the run ends with status 7 and can be continued.
    """

    @model_validator(mode="after")
    def _otherwise_has_a_time(self) -> ApprovalDefinition:
        if self.timeout is None and "otherwise" in self.model_fields_set:
            raise expected("with a `timeout`, without which `otherwise` means nothing")
        if self.timeout is not None and self.timeout <= 0:
            raise expected("with a `timeout` longer than 0 seconds")
        if self.timeout is not None and self.timeout > _LONGEST_WAIT_SECONDS:
            raise expected("with a `timeout` of at most 87600h, ten years; without one it waits for ever")
        return self


def _approval_form(value: Any) -> Any:
    if isinstance(value, str):
        return {"question": value}
    if not isinstance(value, dict | ApprovalDefinition):  # who left the question empty wants to be asked
        raise expected("a question, or a mapping that has one")
    return value


class TaskDefinition(Component):
    """One entry under `tasks:`: a task, or a group of further tasks under `serial:` or `parallel:`."""

    variant: str = Field(default="", alias="task")
    """Name of a `@task` class or function. Empty for a group."""
    depends_on: tuple[str, ...] = Field(default=(), alias="dependencies")
    """Tasks or groups that must complete first."""
    parameters: dict[str, Any] = Field(default_factory=dict)
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
    when: str | bool | None = None
    """An expression; if it is false when the task is due, the task is left out and its dependents go on."""
    approve: Annotated[
        ApprovalDefinition | None,
        BeforeValidator(_approval_form, json_schema_input_type=ApprovalDefinition | str),
    ] = None
    """The task starts when a person has approved it: a question, or a mapping of `question`, `timeout`, `otherwise`.

    Of a group, or a task with items, the whole is asked for once.
    """
    run_if: Literal["success", "failure", "always", "done"] = "success"
    """What the dependencies must have come to.

    `success`: all completed; `failure`: one did not; `done`: all ended; `always`: the same, and even if the job stops.
    """
    min_completed: Annotated[WholeNumber, Field(ge=1)] | None = None
    """The task starts as soon as so many of its dependencies completed."""
    foreach: Any = None
    """One chain of attempts for each item: a list, a mapping, an expression, or a mapping with `items` or `file`."""
    matrix: dict[str, Any] | None = None
    """One chain of attempts for each combination of the values of the axes; `include` and `exclude` change the set."""
    max_concurrency: Annotated[WholeNumber, Field(ge=1)] | None = None
    """At most so many items, or members of the group, run at the same time."""
    allow_failures: Annotated[int | str, BeforeValidator(number_or_share)] = 0
    """So many items or members may fail, as a number or as in `5%`, and the whole still completes."""
    serial: dict[Annotated[str, Field(min_length=1)], TaskDefinition] | None = None
    """A group: these run one after the other, in order."""
    parallel: dict[Annotated[str, Field(min_length=1)], TaskDefinition] | None = None
    """A group: these run at the same time, as far as their dependencies allow."""
    on_failure: Literal["stop", "continue"] | None = None
    """Of a group: after a failure, `stop` starts nothing more in it (the default of `serial`), `continue` goes on."""
    vars: dict[str, Any] = Field(default_factory=dict)
    """Of a group: values that expressions inside it see as `vars`."""
    inputs: tuple[str, ...] = ()
    """Patterns of files that decide, with `outputs` and `cache`, whether the task is up to date."""
    outputs: tuple[str, ...] = ()
    """Patterns of files that the task makes; one that does not exist afterwards fails the task."""
    cache: bool | CacheDefinition = False
    """The result of an earlier run is taken if nothing that it depends on has changed."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment variables of the attempts."""
    secrets: tuple[str, ...] = ()
    """Secrets that the attempts find in their environment; they are masked wherever they would be shown."""
    detached: bool = False
    """Nobody waits for the task and its failure does not fail the job; what becomes of it is still recorded."""

    @property
    def is_group(self) -> bool:
        """It has members instead of a variant."""
        return self.serial is not None or self.parallel is not None

    @property
    def is_fan(self) -> bool:
        """It is performed once for each item."""
        return self.foreach is not None or self.matrix is not None

    @property
    def is_examined(self) -> bool:
        """Files or values decide whether it is up to date, or whether it has done what it should."""
        return bool(self.inputs or self.outputs or self.cache)

    @property
    def may_be_up_to_date(self) -> bool:
        """It may be left out because nothing has changed; `cache: false` rules it out."""
        return self.is_examined and not ("cache" in self.model_fields_set and self.cache is False)

    @property
    def members(self) -> dict[str, TaskDefinition]:
        """The tasks of a group, by their names in it."""
        return self.serial if self.serial is not None else self.parallel or {}

    @property
    def stops_on_failure(self) -> bool:
        """A group in which nothing starts after a failure."""
        return self.on_failure == "stop" or (self.on_failure is None and self.serial is not None)

    @model_validator(mode="after")
    def _is_one_thing(self) -> TaskDefinition:
        given = self.model_fields_set
        if given.isdisjoint(_ONLY_SOMEWHERE) and self.variant:
            return self
        kinds = [kind for kind, is_it in (("task", self.variant), *((it, it in given) for it in _GROUPS)) if is_it]
        if not kinds:
            raise PydanticCustomError("missing_task", "`task` is needed")
        if len(kinds) > 1:
            raise expected(f"either a task (`task`) or a group (`serial` or `parallel`), not {' and '.join(kinds)}")
        if empty := [key for key in _NEVER_NONE if key in given and getattr(self, key) is None]:
            raise expected(f"with a value for `{empty[0]}`, if only `{'[]' if empty[0] == 'foreach' else '{}'}`")
        allowed = _OF_GROUPS if self.is_group else _OF_FANS if self.is_fan else _OF_TASKS
        if misplaced := sorted(given - allowed):
            what = "a group" if self.is_group else "a task with items" if self.is_fan else "a task"
            raise expected(f"without {', '.join(f'`{_alias(key)}`' for key in misplaced)}, which {what} cannot have")
        if self.foreach is not None and self.matrix is not None:
            raise expected("with `foreach` or with `matrix`, not both")
        return self

    @field_validator("timeout")
    @classmethod
    def _timeout_is_positive(cls, value: float | None) -> float | None:
        if value is not None and value <= 0:
            raise expected("longer than 0 seconds")
        return value


_GROUPS = ("serial", "parallel")
_NEVER_NONE = (*_GROUPS, "foreach", "matrix")
_GROUP_ONLY = frozenset({*_GROUPS, "on_failure", "vars"})
_OF_GROUPS = frozenset(
    {*_GROUP_ONLY, "depends_on", "when", "approve", "run_if", "min_completed", "max_concurrency", "allow_failures"}
)
_ONLY_SOMEWHERE = frozenset({*_GROUP_ONLY, "foreach", "matrix", "max_concurrency", "allow_failures"})


_OF_TASKS = TaskDefinition.model_fields.keys() - _GROUP_ONLY - {"max_concurrency", "allow_failures"}
_OF_FANS = _OF_TASKS | {"max_concurrency", "allow_failures", "on_failure"}


def _alias(field: str) -> str:
    return TaskDefinition.model_fields[field].alias or field
