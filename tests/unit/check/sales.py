"""A project with one module of tasks, and what is wrong with jobs of it."""

from __future__ import annotations

from pathlib import Path

from flowrun.check import Checked, check
from flowrun.discovery import discover
from flowrun.jobdefinition import Outside, load
from flowrun.problem import Problem

MODULE = """
from datetime import date
from enum import Enum
from ipaddress import IPv4Address
from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from flowrun.task import Task, task


class Mode(Enum):
    FAST = "fast"
    SLOW = "slow"


class Options(BaseModel, extra="forbid"):
    depth: int = 1
    tags: list[str] = []


class Csv(BaseModel, extra="forbid"):
    kind: Literal["csv"]
    separator: str = ","


class Table(BaseModel, extra="forbid"):
    kind: Literal["table"]
    rows: int


@task
class LoadSales(Task):
    batch_size: int = 1000
    day: date = date(2026, 1, 1)
    mode: Mode = Mode.FAST
    options: Options = Options()
    sizes: int | list[int] = 3
    either: Options | Table | None = None
    target: Annotated[Csv | Table, Field(discriminator="kind")] | None = None
    by_number: dict[int, int] = {}
    few: list[int] = Field(default=[], max_length=2)
    code: str = Field(default="ab", pattern="^[a-z]+$")
    label: str = ""
    password: str = ""
    first: int = 0
    last: int = 0

    @field_validator("password")
    @classmethod
    def _strong(cls, value: str) -> str:
        if value == "exit":
            raise SystemExit(3)
        if value == "odd":
            raise LookupError("no such " + value)
        if 0 < len(value) < 9:
            raise ValueError(f"{value} is too short")
        return value

    @model_validator(mode="after")
    def _ordered(self) -> "LoadSales":
        if self.first > self.last:
            raise ValueError("first is after last")
        return self

    def run(self) -> None: ...


@task
class Odd(Task):
    address: IPv4Address | None = None
    odd: int = 1

    @field_validator("odd")
    @classmethod
    def _is_odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise PydanticCustomError("even", "{number} is even", {"number": value})
        return value

    def run(self) -> None: ...


@task
class StepSales(Task):
    label: str

    def run(self) -> None: ...


@task
class QuickSales(Task):
    async def run(self) -> None: ...


@task
class UnfinishedSales(Task):
    pass
"""


def line_of(text: str) -> int:
    """The line of the module in which `text` stands."""
    return MODULE[: MODULE.index(text)].count("\n") + 1


def checked(root: Path, text: str, environ: dict[str, str] | None = None) -> Checked:
    (root / "job.yaml").write_text(text)
    loaded = load(root / "job.yaml", Outside(root, environ or {}, cwd=root))
    config = loaded.definition.config if loaded.definition else None
    directories = config.extension_directories if config else ()
    packages = config.extension_packages if config else ()
    return check(loaded, discover(root, directories, packages))


def problems_of(root: Path, text: str, environ: dict[str, str] | None = None) -> list[tuple[str, str, str]]:
    """Code, line and path of every problem."""
    return [(one.code, str(one.place.line), one.path) for one in checked(root, text, environ).problems]


def problem(root: Path, text: str, environ: dict[str, str] | None = None) -> Problem:
    """The only problem there is."""
    (only,) = checked(root, text, environ).problems
    return only


def of_load(root: Path, parameters: str, environ: dict[str, str] | None = None) -> Problem:
    return problem(root, f"tasks:\n  load:\n    task: LoadSales\n    parameters:\n      {parameters}\n", environ)
