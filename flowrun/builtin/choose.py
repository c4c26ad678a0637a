"""Choose: run one of several tasks in the place of this one."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ..task import Task, task, tasks


class Choice(BaseModel):
    """One of the tasks among which is chosen."""

    model_config = ConfigDict(extra="forbid")

    task: str
    """Name of a class or function."""
    parameters: dict[str, Any] = {}
    """Fields of the class."""

    @field_validator("task")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if tasks.candidates(name) or _is_bundled(name):
            return name
        near = get_close_matches(name, (entry.name for entry in tasks), 1)
        raise ValueError(f"no task class is called {name!r}{f'; did you mean {near[0]!r}?' if near else ''}")

    @model_validator(mode="after")
    def _fits(self) -> Choice:
        if not _is_open(self.parameters):
            try:
                tasks.candidates(self.task)[0].cls.model_validate(self.parameters)
            except ValidationError as error:
                wrong = "; ".join(f"`{'.'.join(map(str, one['loc']))}`: {one['msg']}" for one in error.errors())
                raise ValueError(f"the parameters do not fit {self.task}: {wrong}") from None
        return self


@task
class Choose(Task):
    """Run the task that `choice` names in the place of this one. Its result is the result of this task."""

    choice: str
    """One of the names under `among`."""
    among: dict[str, Choice | None] = Field(min_length=1)
    """By name: `task` and its `parameters`, or nothing, if there is nothing to do."""

    @model_validator(mode="after")
    def _is_there(self) -> Choose:
        if not _is_open(self.choice) and self.choice not in self.among:
            raise ValueError(f"`choice` is {self.choice!r}; there are: {', '.join(self.among)}")
        return self

    def run(self) -> Any:  # what the chosen one returns
        chosen = self.among[self.choice]
        if chosen is None:
            print(f"nothing to do for {self.choice!r}")
        else:
            self.spawn(chosen.task, chosen.parameters, name=self.choice, stands_in=True)


def _is_bundled(name: str) -> bool:
    """It ships in the box; from now on it is registered."""
    from ..bundled import bundled_class

    return bundled_class("task", name) is not None


def _is_open(value: Any) -> bool:
    """An expression stands somewhere in it."""
    if isinstance(value, dict):
        return any(map(_is_open, value.values()))
    return any(map(_is_open, value)) if isinstance(value, list) else isinstance(value, str) and "${{" in value
