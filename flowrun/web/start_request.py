"""What may be asked for when a run is started, continued or stopped, and the options that it becomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]
VariableName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^ :{}$=\x00-\x1f\x7f]+$")]
Text = Annotated[str, StringConstraints(max_length=10_000, pattern=r"^[^\x00]*$")]
Names = Annotated[list[Name], Field(max_length=200)]


def _few(most: int) -> Any:
    """So many at most; a name that does not fit its pattern is not passed over."""
    return Field(max_length=most, json_schema_extra={"additionalProperties": False})


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, strict=True)

    @model_validator(mode="after")
    def _can_be_passed_on(self) -> Self:
        """Halves of surrogate pairs are valid JSON and no text."""
        try:
            self.model_dump_json(by_alias=True)
        except ValueError as error:
            raise ValueError("there is text that is no Unicode") from error
        return self


class SelectionRequest(_Asked):
    """Which tasks are asked for."""

    only: Names = []
    """Just these."""
    start_from: Names = Field(default=[], alias="from")
    """These and all after them again."""
    downstream: Names = []
    """All after these again."""
    skip: Names = []
    """Left out; their dependents go on."""
    mark_completed: Names = []
    """Taken as completed."""

    def options(self) -> Iterator[str]:
        """The same as options of `flowrun run`."""
        for option, names in (
            ("--only", self.only),
            ("--from", self.start_from),
            ("--downstream", self.downstream),
            ("--skip", self.skip),
            ("--mark-completed", self.mark_completed),
        ):
            yield from (f"{option}={name}" for name in names)


class StartRequest(SelectionRequest):
    """What differs from the job file in a new run."""

    variables: Annotated[dict[VariableName, Text | int | float | bool], _few(200)] = {}
    """Values of `$VAR{}` and `vars`."""
    parameters: Annotated[dict[Name, Annotated[dict[Name, Any], _few(200)]], _few(200)] = {}
    """Parameters of tasks that stand above those of the job file, by the name of the task."""
    labels: Annotated[dict[VariableName, Text], _few(50)] = {}
    """What the run is marked with."""
    max_concurrency: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """So many tasks at a time at most."""

    def variable_options(self) -> Iterator[str]:
        """The variables as options of `flowrun run`."""
        yield from (f"--var={name}={_text(value)}" for name, value in self.variables.items())

    def run_options(self) -> Iterator[str]:
        """What only a run has, and no plan."""
        yield from (f"--label={name}={value}" for name, value in self.labels.items())
        if self.max_concurrency is not None:
            yield f"--max-concurrency={self.max_concurrency}"


class RestartRequest(SelectionRequest):
    """What a restart does besides what is left to do."""

    rerun_changed: bool = False
    """Finished tasks whose definition has changed run again."""

    def options(self) -> Iterator[str]:
        """The same as options of `flowrun run`."""
        yield from super().options()
        if self.rerun_changed:
            yield "--rerun-changed"


class RestartQuery(RestartRequest):
    """The same behind a question mark, where everything is text."""

    model_config = ConfigDict(strict=False)


class StopRequest(_Asked):
    """How a run is stopped."""

    now: bool = False
    """Its tasks are killed instead of asked."""


class DrainRequest(_Asked):
    """How a worker is told to end."""

    grace_seconds: Annotated[float, Field(ge=0, le=86_400)] = 25.0
    """So long its attempts may still go on."""


class AnswerRequest(_Asked):
    """What is said beside an answer."""

    comment: Text = ""
    """Why; it is kept with the answer."""


def changed_job(
    file: str, job: str, paths: Mapping[str, tuple[str | int, ...]], request: StartRequest
) -> dict[str, Any]:
    """A job file that includes another one and stands above it with the parameters that were asked for.

    `paths` says where a task is written, if it is a member of a group.
    """
    whole: dict[str, Any] = {"include": [file], "config": {"name": job}, "tasks": {}}
    for task, parameters in request.parameters.items():
        inside = whole
        for step in paths.get(task, ("tasks", task)):
            inside = inside.setdefault(str(step), {})
        inside["parameters"] = parameters
    return whole


def _text(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
