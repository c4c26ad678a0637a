"""Later: an expression in the parameters leads to no mistake that is none."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from flowrun.check.later import has_later, told_now
from flowrun.check.use import Use

EXPRESSION = "${{ tasks.load.result }}"


class Options(BaseModel, extra="forbid"):
    depth: int = Field(default=1, ge=0)
    name: str = Field(min_length=1)


class Csv(BaseModel, extra="forbid"):
    kind: Literal["csv"]
    separator: str


class Table(BaseModel, extra="forbid"):
    kind: Literal["table"]
    rows: int


class Parameters(BaseModel, extra="forbid"):
    first: int = 0
    last: int = 0
    day: str = Field(default="monday", pattern="^[a-z]+$")
    tags: list[int] = []
    options: Options | None = None
    either: Options | Table | None = None
    target: Annotated[Csv | Table, Field(discriminator="kind")] | None = None
    sizes: dict[str, int] | list[int] | int = 0
    by_number: dict[int, str] = {}

    @field_validator("last")
    @classmethod
    def _not_before_first(cls, value: int, info: Any) -> int:
        if value < info.data.get("first", value):
            raise ValueError("last is before first")
        return value

    @model_validator(mode="after")
    def _together(self) -> Parameters:
        if self.options is None and self.first > 0:
            raise ValueError("options are needed")
        return self


OPTIONS = st.fixed_dictionaries({"depth": st.integers(0, 9), "name": st.just("x")})
TABLE = st.fixed_dictionaries({"kind": st.just("table"), "rows": st.integers()})
CSV = st.fixed_dictionaries({"kind": st.just("csv"), "separator": st.just(";")})
VALID = st.fixed_dictionaries(
    {"first": st.integers(0, 1), "last": st.integers(2, 3), "options": OPTIONS},
    optional={
        "day": st.just("friday"),
        "tags": st.lists(st.integers(), max_size=2),
        "either": OPTIONS | TABLE,
        "target": CSV | TABLE,
        "sizes": st.integers() | st.lists(st.integers(), max_size=2) | st.just({"a": 1}),
        "by_number": st.just({1: "a", 2: "b"}),
    },
)


def certain(parameters: dict[str, Any]) -> list[tuple[str, tuple[Any, ...]]]:
    """Kind and place of the errors that stay."""
    use = Use(("tasks", "t"), "task `t`", Parameters, parameters)
    error = use.error()
    if error is None:
        return []
    assert isinstance(error, ValidationError)
    return [(one["type"], one["loc"]) for one in told_now(use, error.errors())]


def _with_expressions(value: Any, choose: Any) -> Any:
    """`value` with an expression in the place of some of its parts."""
    if choose():
        return EXPRESSION
    if isinstance(value, dict):
        return {key: _with_expressions(inner, choose) for key, inner in value.items()}
    return [_with_expressions(inner, choose) for inner in value] if isinstance(value, list) else value


@settings(max_examples=150)
@given(VALID, st.data())
def test_valid_parameters_stay_valid_with_expressions_in_them(valid: dict[str, Any], data: st.DataObject) -> None:
    """Whatever parts of them are known only later."""
    Parameters.model_validate(valid)
    given_ones = {name: _with_expressions(value, lambda: data.draw(st.booleans())) for name, value in valid.items()}

    assert certain(given_ones) == []


@pytest.mark.parametrize(
    ("parameters", "kind", "location"),
    [
        ({"first": EXPRESSION, "lst": 3}, "extra_forbidden", ("lst",)),
        ({"lst": EXPRESSION}, "extra_forbidden", ("lst",)),
        ({"first": EXPRESSION, "last": "x"}, "int_parsing", ("last",)),
        ({"options": {"depth": EXPRESSION}}, "missing", ("options", "name")),
        ({"options": {"depth": EXPRESSION, "name": ""}}, "string_too_short", ("options", "name")),
        ({"tags": [EXPRESSION, "x"]}, "int_parsing", ("tags", 1)),
    ],
)
def test_other_mistakes_are_told_beside_expressions(
    parameters: dict[str, Any], kind: str, location: tuple[Any, ...]
) -> None:
    """Missing, unknown and wrong parameters, at any depth."""
    assert certain(parameters) == [(kind, location)]


def test_only_tasks_have_expressions() -> None:
    """In the parameters of a logger, `${{` is plain text."""
    given_ones = {"first": EXPRESSION}

    assert has_later(Use(("tasks", "t"), "task `t`", Parameters, given_ones))
    assert not has_later(Use(("loggers", "l"), "logger `l`", Parameters, given_ones))
