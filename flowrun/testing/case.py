"""Case: what a file of test cases says."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from ..eventbus.execution import ExecutionState


def _known_state(name: Any) -> Any:
    if name not in ExecutionState.__members__:
        raise ValueError(f"no state is called {name!r}; there are: {', '.join(ExecutionState.__members__)}")
    return name


def _list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _mapping(value: Any) -> Any:
    return {} if value is None else value


State = Annotated[str, BeforeValidator(_known_state)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_list)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expectation(_Part):
    """What a run must have come to. What is not given is not looked at."""

    states: dict[str, State] = {}
    """The last state of tasks."""
    results: dict[str, Any] = {}
    """What tasks returned, in plain form."""
    order: tuple[str, ...] | None = None
    """These tasks started in this order, perhaps with others between them."""
    problems: Texts | None = None
    """The job is refused with just these: codes, or parts of messages."""
    lines: dict[str, Texts] = {}
    """Parts of lines that tasks say, in this order, perhaps with others between them."""


class Circumstances(_Part):
    """Under which a job runs."""

    vars: dict[str, Any] = {}
    env: dict[str, str] = {}
    stubs: dict[str, Any] = {}
    """What tasks return without being performed."""
    fails: dict[str, str] = {}
    """Tasks that fail without being performed: `NAME: message` of the exception."""
    approvals: dict[str, bool] = {}
    """Whether tasks that wait for an approval are approved; those that are not named are."""


class Case(Circumstances):
    """One run of the job, and what is expected of it."""

    expect: Annotated[Expectation, BeforeValidator(_mapping)] = Expectation()

    def under(self, common: Circumstances) -> Case:
        """The same, with what holds for all cases of the file below it."""
        keys = Circumstances.model_fields
        return self.model_copy(update={key: {**getattr(common, key), **getattr(self, key)} for key in keys})


class CaseDocument(Circumstances):
    """A file of test cases of one job."""

    job: str
    """A path from the directory of the file, or the name of a job."""
    cases: dict[str, Annotated[Case, BeforeValidator(_mapping)]]
