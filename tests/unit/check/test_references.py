"""Expressions in the check: what they name exists, and fits where it is used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from flowrun.check import Checked, check
from flowrun.discovery import discover
from flowrun.jobdefinition import Outside, load
from flowrun.problem import Problem

from .project import project_with

MODULE = """
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator

from flowrun.task import Result, Task, task


class RefOrder(BaseModel):
    id: int
    tags: list[str] = []


class RefReport(BaseModel):
    rows: int
    path: str
    orders: list[RefOrder] = []


class RefOptions(BaseModel, extra="forbid"):
    depth: int = 1
    name: str


class RefTable(BaseModel, extra="forbid"):
    table: str
    rows: int


@task
class RefLoad(Task):
    day: str = ""

    def run(self) -> RefReport: ...


@task
class RefAnything(Task):
    def run(self): ...


@task
class RefUse(Task):
    rows: int = 0
    share: float = 0
    label: str = ""
    ids: list[int] = []
    options: RefOptions | None = None
    either: RefOptions | RefTable | None = None
    by_name: dict[str, int] = {}
    anything: Any = None
    coerced: Annotated[int, BeforeValidator(lambda value: len(value))] = 0
    converted: int = 0
    checked: int = 0
    last: int = 0
    other: int = Field(default=0, alias="otherName")

    @field_validator("converted", mode="before")
    @classmethod
    def _of_text(cls, value: Any) -> Any:
        return 1 if isinstance(value, str) else value

    @field_validator("last")
    @classmethod
    def _after_checked(cls, value: int, info: Any) -> int:
        if value < info.data["checked"]:
            raise ValueError("last is before checked")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> "RefUse":
        if self.label.startswith("$"):
            raise ValueError("no money")
        return self

    def run(self) -> None: ...


@task
def ref_square(number: int) -> int:
    return number * number


@task
def ref_take(number: Annotated[str, Result("square")] = "") -> None: ...
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with tasks that return something and take something."""
    return project_with(tmp_path_factory.mktemp("project"), "flow.py", MODULE)


def line_of(text: str) -> int:
    """The line of the module in which `text` stands."""
    return MODULE[: MODULE.index(text)].count("\n") + 1


def checked(root: Path, text: str, variables: Mapping[str, str] = {}) -> Checked:
    (root / "job.yaml").write_text(text)
    loaded = load(root / "job.yaml", Outside(root, {}, variables, root))
    return check(loaded, discover(root))


def found(root: Path, text: str) -> list[tuple[str, int, int, str]]:
    """Code, line, column and message of every problem."""
    return [(one.code, one.place.line, one.place.column, one.message) for one in checked(root, text).problems]


def of_use(root: Path, keys: str) -> Problem | None:
    """What is wrong with a task `use` that comes with `load: RefLoad`."""
    problems = checked(root, f"tasks:\n  load: {{task: RefLoad}}\n  use:\n    task: RefUse\n    {keys}\n").problems
    assert len(problems) < 2, problems
    return problems[0] if problems else None


def of_parameter(root: Path, parameter: str) -> Problem | None:
    return of_use(root, f"parameters:\n      {parameter}")


@pytest.mark.parametrize(
    "parameter",
    [
        "rows: ${{ tasks.load.result.rows }}",
        "share: ${{ tasks.load.result.rows }}",
        "rows: ${{ tasks.load.result.orders[0].id }}",
        "label: ${{ tasks.load.result.path }}",
        "label: ${{ tasks.load.state }}",
        "label: n ${{ tasks.load.result.rows }}",
        "label: '$${{ x }}'",
        "ids: ['${{ tasks.load.result.rows }}', 3]",
        "options: {depth: '${{ tasks.load.result.rows }}', name: x}",
        "either: {depth: '${{ tasks.load.result.rows }}', name: '${{ tasks.load.result.path }}'}",
        "either: {table: '${{ tasks.load.result.path }}', rows: '${{ tasks.load.result.rows }}'}",
        "by_name: {a: '${{ tasks.load.result.rows }}'}",
        "anything: ${{ tasks.load.result }}",
        "coerced: ${{ tasks.load.result.path }}",
        "converted: ${{ tasks.load.result.path }}",
        "checked: ${{ tasks.load.result.rows }}\n      last: 3",
        "otherName: ${{ tasks.load.result.rows }}",
        "rows: ${{ tasks.load.result.row | default(3) }}",
        "rows: ${{ tasks.load.result.path | length }}",
        "rows: ${{ env.ROWS }}",
        "rows: ${{ run.id }}",
    ],
)
def test_what_may_fit_is_no_problem(root: Path, parameter: str) -> None:
    """AS-14, AS-19: references in every place of a value; the value itself is validated when it is there."""
    assert of_parameter(root, parameter) is None


@pytest.mark.parametrize(
    ("parameter", "code", "message"),
    [
        (
            "rows: ${{ tasks.load.result.path }}",
            "FR211",
            "parameter `rows` of RefUse takes int, and `tasks.load.result.path` is str",
        ),
        (
            "label: ${{ tasks.load.result.rows }}",
            "FR211",
            "parameter `label` of RefUse takes str, and `tasks.load.result.rows` is int",
        ),
        (
            "rows: ${{ tasks.load.state }}",
            "FR211",
            "parameter `rows` of RefUse takes int, and `tasks.load.state` is str",
        ),
        (
            "ids: ${{ tasks.load.result.orders }}",
            "FR211",
            "takes list[int], and `tasks.load.result.orders` is list[RefOrder]",
        ),
        ("ids: ['${{ tasks.load.result.path }}']", "FR211", "parameter `ids[0]` of RefUse takes int"),
        ("by_name: {a: '${{ tasks.load.result.path }}'}", "FR211", "parameter `by_name.a` of RefUse takes int"),
        ("options: ${{ tasks.load.result }}", "FR211", "takes RefOptions | None, and `tasks.load.result` is RefReport"),
        ("options: {name: '${{ tasks.load.result.rows }}'}", "FR211", "parameter `options.name` of RefUse takes str"),
        ("otherName: ${{ tasks.load.result.path }}", "FR211", "parameter `otherName` of RefUse takes int"),
        (
            "rows: ${{ tasks.load.result.row }}",
            "FR210",
            "is of type RefReport, which has no `row`; it has: rows, path, orders",
        ),
        (
            "rows: ${{ tasks.load.result.orders.id }}",
            "FR210",
            "`tasks.load.result.orders` is a list, which has no `id`",
        ),
        ("rows: ${{ tasks.load.result.row + 1 }}", "FR210", "which has no `row`"),
        ("rows: ${{ tasks.laod.result }}", "FR304", "no task is named `laod`"),
        ("rows: ${{ load.result }}", "FR305", "expressions know no `load`; they know: tasks, vars"),
        ("rows: ${{ run.idd }}", "FR305", "`run` has no `idd`; it has: id, job, started, is_restart"),
        ("rows: ${{ item }}", "FR305", "there is an `item` only in a task with `foreach`"),
        ("rows: ${{ vars.rows }}", "FR306", "no variable is named `rows`"),
        ("rows: ${{ tasks.load.rows }}", "FR303", "a task has `result` and `state`"),
        ("rows: ${{ 1 + }}", "FR303", "something is missing at its end"),
        ("options: {depth: '${{ vars.x | default(1) }}'}", "FR209", "needs the parameter `options.name`"),
        ("{rows: '${{ tasks.load.result.rows }}', chanel: x}", "FR208", "has no parameter `chanel`"),
        ("{rows: '${{ tasks.load.result.rows }}', share: x}", "FR207", "parameter `share` of RefUse must be a number"),
        ("{x: '${{ tasks.load.result.rows }}'}", "FR208", "has no parameter `x`"),
    ],
)
def test_what_can_never_fit_is_told_before_the_run(root: Path, parameter: str, code: str, message: str) -> None:
    """AS-18, AS-19, X-AS-09: also by key and by index, and beside other mistakes in the same parameters."""
    problem = of_parameter(root, parameter)

    assert problem is not None
    assert problem.code == code
    assert message in problem.message


def test_a_mismatch_names_both_places(root: Path) -> None:
    """The reference with its caret, the field, and what says what the other task returns."""
    problem = of_parameter(root, 'rows: "${{ tasks.load.result.orders[0].tags }}"')

    assert problem is not None
    assert (problem.place.line, problem.place.column, problem.place.length) == (6, 18, 32)
    assert problem.path == "tasks.use.parameters.rows"
    assert problem.notes == (
        f"declared in tasks/flow.py:{line_of('    rows: int = 0')} as `rows: int = 0`",
        f"RefLoad returns RefReport, as declared in tasks/flow.py:{line_of('    def run(self) -> RefReport')}",
    )


def test_the_caret_stands_under_the_reference_in_any_way_of_writing(root: Path) -> None:
    """Plain and quoted, first and last; where a text is not written as it is, it stands at its beginning."""
    text = """
tasks:
  load: {task: RefLoad}
  a: {task: RefUse, parameters: {label: 'x ${{ tasks.b1.result }} ${{ tasks.b2.result }}'}}
  b:
    task: RefUse
    when: tasks.load.result and tasks.b3.result
    parameters:
      label: >
        some ${{ tasks.b4.result }}
"""
    places = [place[:3] for place in found(root, text)]

    assert places == [("FR304", 4, 48), ("FR304", 4, 71), ("FR304", 7, 33), ("FR304", 9, 14)]


def test_every_key_with_expressions_is_looked_at(root: Path) -> None:
    """Environment, condition, items, axes, cache and variables; `item` and `matrix` only where they are."""
    text = """
vars: {a: "${{ tasks.load.result }}", b: "${{ vars.c }}", ok: "${{ env.X }}"}
tasks:
  load: {task: RefLoad}
  a:
    task: RefUse
    when: vars.x
    env: {A: "${{ vars.y }}"}
    foreach: ${{ tasks.load.result.rows }}
    cache: {key: ["${{ vars.z }}"]}
    parameters: {rows: "${{ item }}", label: "${{ matrix.a }}"}
  b: {task: RefUse, matrix: {n: "${{ tasks.load.result.path }}"}, when: matrix.n, parameters: {rows: "${{ matrix.n }}"}}
  c: {task: RefUse, foreach: {items: "${{ tasks.load.result.orders }}"}, parameters: {rows: "${{ item.id }}"}}
"""
    messages = [(code, line, message) for code, line, _, message in found(root, text)]

    assert messages == [
        ("FR305", 2, "`vars` of the job are there before any task: they cannot refer to one"),
        ("FR306", 2, "no variable is named `c`"),
        ("FR306", 7, "task `a`: no variable is named `x`"),
        ("FR306", 8, "task `a`: no variable is named `y`"),
        ("FR211", 9, "task `a`: `foreach` takes a list or a mapping, and `tasks.load.result.rows` is int"),
        ("FR306", 10, "task `a`: no variable is named `z`"),
        ("FR305", 11, "task `a`: there is a `matrix` only in a task with `matrix`"),
        ("FR211", 12, "task `b`: an axis of `matrix` takes a list, and `tasks.load.result.path` is str"),
        ("FR305", 12, "task `b`: there is a `matrix` only in a task with `matrix`"),
    ]


def test_a_reference_is_a_dependency(root: Path) -> None:
    """AS-14: it need not be written, and a ring through references is found at one of them; X-AS-02."""
    good = checked(
        root,
        "tasks:\n  use: {task: RefUse, parameters: {rows: '${{ tasks.load.result.rows }}'}}\n  load: {task: RefLoad}",
    )
    assert good.problems == ()
    assert good.loaded.flat.tasks["use"].depends_on == ("load",)
    assert good.loaded.definition is not None
    assert good.loaded.definition.tasks["use"].depends_on == ("load",)

    ring = "tasks:\n  a: {task: RefUse, dependencies: [b]}\n  b: {task: RefUse, when: tasks.a.state == 'FAILED'}"
    assert [(code, line) for code, line, *_ in found(root, ring)] == [("FR301", 2)]

    own = "tasks:\n  a: {task: RefUse, parameters: {rows: '${{ tasks.a.result }}'}}"
    assert [(code, message) for code, _, _, message in found(root, own)] == [("FR301", "task `a` depends on itself")]


def test_results_of_groups_and_fans(root: Path) -> None:
    """A group's result has those of its members, a fan's is the list in order; names are found from the inside out."""
    text = """
tasks:
  etl:
    serial:
      load: {task: RefLoad, foreach: [1, 2]}
      use: {task: RefUse, parameters: {rows: "${{ tasks.load.result[0].rows }}", ids: "${{ tasks.load.result[0].x }}"}}
  a: {task: RefUse, parameters: {rows: "${{tasks.etl.result.load[0].rows}}", ids: "${{ tasks['etl/load'].result.x }}"}}
  b: {task: RefUse, parameters: {rows: "${{ tasks.etl.result.lod }}", label: "${{ tasks.etl.result.load[0].rows }}"}}
"""
    messages = [(code, line, message) for code, line, _, message in found(root, text)]

    assert messages == [
        (
            "FR210",
            6,
            "task `etl/use`: `tasks.load.result[0]` is of type RefReport, which has no `x`; it has: rows, path, orders",
        ),
        (
            "FR210",
            7,
            "task `a`: the result of task `etl/load` is a list, which has no `x`: write `[0]` for the first",
        ),
        (
            "FR210",
            8,
            "task `b`: the result of task `etl` is that of a group, which has no task `lod`; it has: load, use",
        ),
        ("FR211", 8, "task `b`: parameter `label` of RefUse takes str, and `tasks.etl.result.load[0].rows` is int"),
    ]


def test_functions_and_their_result_markers_are_checked_too(root: Path) -> None:
    """AS-14, AS-17: what `Result` says counts like a reference in the job file."""
    text = "tasks:\n  square: {task: ref_square, parameters: {number: 3}}\n  take: {task: ref_take}\n"
    (problem,) = checked(root, text).problems

    assert problem.code == "FR211"
    assert problem.message == "task `take`: parameter `number` of ref_take takes str, and `tasks.square.result` is int"
    assert f"ref_square returns int, as declared in tasks/flow.py:{line_of('def ref_square')}" in problem.notes


def test_variables_may_come_from_the_file_a_group_or_the_command_line(root: Path) -> None:
    """And one that only an expression names is not told as unused."""
    text = """
vars: {a: 1}
tasks:
  g:
    vars: {b: 2}
    parallel:
      in: {task: RefUse, when: vars.a and vars.b and vars.c}
  out: {task: RefUse, when: vars.b}
"""
    result = checked(root, text, {"c": "1", "d": "2", "a": "3"})

    assert [(one.code, one.place.line) for one in result.problems] == [("FR306", 8)]
    assert [one.message.partition(" is in")[0] for one in result.warnings] == ["no `$VAR{d}` or `vars.d`"]


def test_mistakes_do_not_lead_to_false_ones(root: Path) -> None:
    """What was left out for a mistake is there for references."""
    text = """
tasks:
  load: {task: RefLoad, timeot: 3, max_attempts: x}
  gone: {task: NoSuchRef}
  use: {task: RefUse, parameters: {rows: "${{ tasks.load.result.rows }}", label: "${{ tasks.gone.result.x }}"}}
"""
    assert [code for code, *_ in found(root, text)] == ["FR104", "FR105", "FR402"]


def test_what_comes_from_the_environment_is_not_shown(root: Path) -> None:
    """As in all messages; the code still says what is wrong."""
    (root / "job.yaml").write_text("tasks: {a: {task: RefUse, parameters: {label: '${{ vars.$ENV{KEY} }}'}}}\n")
    loaded = load(root / "job.yaml", Outside(root, {"KEY": "s3cret"}, cwd=root))

    (problem,) = check(loaded, discover(root)).problems

    assert problem.message == "task `a`: an expression names a variable that does not exist"
    assert "s3cret" not in str((problem.label, problem.notes))
