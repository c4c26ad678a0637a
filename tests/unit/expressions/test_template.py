"""Template: values of a job file with expressions in them."""

from __future__ import annotations

import subprocess
import sys
from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel, computed_field

from flowrun.errors import ExpressionError
from flowrun.eventbus.execution import ExecutionState
from flowrun.expressions import template_of

from .scopes import End, scope_of


class Report(BaseModel):
    rows: int
    items: list[dict[str, Any]] = []

    @computed_field  # type: ignore[prop-decorator]
    @property
    def is_big(self) -> bool:
        return self.rows > 100


@dataclass
class Point:
    x: int


Pair = namedtuple("Pair", "left right")

RESULTS = {
    "load": {"rows": [{"id": 1}, {"id": 2}], "count": 2, "items": "of the mapping", "nothing": None, "zero": 0},
    "load-orders": Report(rows=3, items=[{"day": "monday"}]),
    "etl/a": Point(x=5),
    "build[eu]": Pair("l", "r"),
    "2024": [10, 20],
    "failing": End(None, "FAILED"),
}


def filled(value: Any, **others: Any) -> Any:
    template = template_of(value)
    assert template is not None
    return template.fill(scope_of(RESULTS, **others))


@pytest.mark.parametrize("value", [None, 1, "plain", "$VAR{x} {{ y }} ${ z }", ["a", {"b": "c"}], {}])
def test_a_value_without_expressions_is_no_template(value: Any) -> None:
    """Nothing is to be filled in."""
    assert template_of(value) is None


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("tasks.load.result", RESULTS["load"]),
        ("tasks.load.result.rows[1].id", 2),
        ("tasks.load.result.rows[-1]['id']", 2),
        ('tasks["load"]["result"]["count"]', 2),
        ("tasks.load.result.items", "of the mapping"),
        ("tasks.load.result.nothing", None),
        ("tasks.load.result.zero", 0),
        ("tasks.load-orders.result", RESULTS["load-orders"]),
        ("tasks.load-orders.result.rows", 3),
        ("tasks.load-orders.result.is_big", False),
        ("tasks.load-orders.result.items[0].day", "monday"),
        ("tasks['etl/a'].result.x", 5),
        ("tasks['build[eu]'].result.right", "r"),
        ("tasks['build[eu]'].result[0]", "l"),
        ("tasks.2024.result[1]", 20),
        ("tasks.2024.result.1", 20),
        ("tasks.failing.state", "FAILED"),
        ("vars.day", "monday"),
        ("env.HOME", "/root"),
        ("secrets['api-key']", "s3cret"),
        ("run.id", "7f3a"),
        ("item.name", "eu"),
        ("matrix.os", "linux"),
    ],
)
def test_a_reference_gives_the_value_itself(expression: str, value: Any) -> None:
    """AS-14, AS-17: the whole result, a key, an attribute, an item, a variable, the environment; with its own type."""
    others: dict[str, Any] = {
        "vars": {"day": "monday"},
        "env": {"HOME": "/root"},
        "secrets": {"api-key": "s3cret"},
        "run": {"id": "7f3a"},
        "item": {"name": "eu"},
        "matrix": {"os": "linux"},
    }

    assert filled(f"${{{{ {expression} }}}}", **others) == value
    assert filled(f"  ${{{{{expression}}}}}\n", **others) == value


def test_several_readers_of_one_result_do_not_get_in_each_others_way() -> None:
    """AS-20, X-AS-03: whole, by key and by index at the same time; X-AS-01: as often as one likes."""
    value = {
        "a": "${{ tasks.load.result }}",
        "b": "${{ tasks.load.result.rows }}",
        "c": "${{ tasks.load.result.rows[0] }}",
    }

    first, second = filled(value), filled(value)

    assert first == second == {"a": RESULTS["load"], "b": [{"id": 1}, {"id": 2}], "c": {"id": 1}}
    assert first["a"] is RESULTS["load"]


def test_states_are_their_names() -> None:
    """Whatever object the engine has for a state, expressions see text."""
    template = template_of("${{ tasks.a.state }}")
    assert template is not None

    assert template.fill(scope_of({"a": End(None, ExecutionState.SKIP)})) == "SKIP"


def test_expressions_in_lists_and_mappings_are_filled_and_the_rest_stays() -> None:
    """Keys and other values are left as they are."""
    value = {"${{ key }}": 1, "list": ["${{ vars.x }}", 2, {"deep": "${{ vars.x }}"}], "none": None}

    assert filled(value, vars={"x": 7}) == {"${{ key }}": 1, "list": [7, 2, {"deep": 7}], "none": None}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("rows: ${{ tasks.load.result.count }}!", "rows: 2!"),
        ("${{ vars.yes }}${{ vars.none }}", "truenull"),
        ("it is ${{ tasks.load.result.rows }}", 'it is [{"id": 1}, {"id": 2}]'),
        ("$${{ vars.yes }}", "${{ vars.yes }}"),
        ("a $${{ b ${{ vars.yes }}", "a ${{ b true"),
        ("${{ '}}' ~ {'a': {'b': 1}}.a.b }}", "}}1"),
    ],
)
def test_mixed_text_gives_text(text: str, value: str) -> None:
    """Values look as in a job file, lists and mappings as JSON; `$${{` is `${{`."""
    assert filled(text, vars={"yes": True, "none": None}) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("tasks.load.result.count + 1", 3),
        ("tasks.load-orders.result.rows * 2", 6),
        ("tasks['etl/a'].result.x > 3 and vars.n | int < 30", True),
        ("vars.n | int", 20),
        ("vars.missing | default(3)", 3),
        ("tasks.load.result.rows[9].id | default('none')", "none"),
        ("vars.missing is defined", False),
        ("tasks.load.result.rows | map(attribute='id')", [1, 2]),
        ("tasks.load.result.rows | selectattr('id', 'gt', 1) | map(attribute='id') | first", 2),
        ("tasks.load.result.rows[0:1]", [{"id": 1}]),
        ("tasks.load.result[vars.key]", 2),
        ("vars.n.upper()", "20"),
        ("'a,b' | split(',')", ["a", "b"]),
        ("'[1]' | from_json", [1]),
        ("{'a': 'ü'} | json", '{"a": "ü"}'),
        ("vars.off or 'default'", "default"),
        ("vars.n and 'both'", "both"),
        ("not vars.off", True),
        ("1 if vars.off else 2", 2),
        ("'yes' if vars.n == '20'", "yes"),
        ("'yes' if vars.n == '21'", None),
        ("'tasks.load-it.result' ~ ''", "tasks.load-it.result"),
    ],
)
def test_the_whole_language(expression: str, value: Any) -> None:
    """Operators, filters, tests and methods; the text `false` is false in them too."""
    assert filled(f"${{{{ {expression} }}}}", vars={"n": "20", "off": "false", "key": "count"}) == value


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "tasks.load.result.row",
            "`tasks.load.result.row`: the result of task `load` has no `row`; "
            "it has: rows, count, items, nothing, zero",
        ),
        (
            "tasks.load-orders.result.row",
            "the result of task `load-orders` has no `row`; it has: rows, items, is_big",
        ),
        (
            "tasks.load.result.rows[5].id",
            "`tasks.load.result.rows[5].id`: `tasks.load.result.rows` has 2 items, so there is no [5]",
        ),
        (
            "tasks.load.result.rows.id",
            "`tasks.load.result.rows.id`: `tasks.load.result.rows` is a list of 2 items, which has no `id`: "
            "write `[0]` for the first",
        ),
        (
            "tasks.load.result.nothing.x",
            "`tasks.load.result.nothing.x`: `tasks.load.result.nothing` is None, which has no `x`",
        ),
        ("tasks.load.result.count[0]", "`tasks.load.result.count` is a number, which has no [0]"),
        ("tasks['etl/a'].result.y", "the result of task `etl/a` has no `y`; it has: x"),
        ("tasks.load.result.rows.id + 1", "`tasks.load.result.rows` is a list of 2 items"),
        ("tasks.load-orders.result.model_dump", "the result of task `load-orders` has no `model_dump`; it has: rows"),
        ("tasks.load-orders.result.__class__", "has no `__class__`"),
        ("vars.n.__class__ ~ ''", "`vars.n` is text, which has no `__class__`"),
        ("tasks.laod.result", "no task is named `laod`"),
        ("vars.m", "`vars.m`: `vars` has no `m`; it has: n"),
        ("item", "there is an `item` only in a task with `foreach`"),
        ("full", "expressions know no `full`; they know: tasks, vars, env, secrets, item, matrix, run"),
        ("full == 1", "expressions know no `full`"),
        ("vars.n > 3", "(variables are text: `| int` makes a number of it, `| string` text of a number)"),
        ("'x' | int", "invalid literal for int()"),
        ("1 / 0", "`1 / 0`: ZeroDivisionError: division by zero"),
        ("tasks.load.result[vars.n]", "`tasks.load.result[vars.n]`: the value has no `20`"),
        ("tasks.load.result.rows | map(attribute='x')", "the value has no `x`; it has: id"),
        ("tasks.load.result.rows.append(1)", "a list of 2 items, which has no `append`"),
    ],
)
def test_what_is_not_there_is_an_error_that_names_what_is(expression: str, message: str) -> None:
    """AS-18: the consumer fails, with task, path and what there was; never empty text."""
    with pytest.raises(ExpressionError) as caught:
        filled(f"a ${{{{ {expression} }}}}", vars={"n": "20"})

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${{ vars.x", "`}}` is missing"),
        ("${{ }}", "the expression is empty"),
        ("${{ 1 + }}", "something is missing at its end"),
        ("${{ 'a }}", "unexpected char"),
        ("${{ 1 2 }}", "before `2` something is missing"),
        ("${{ a..b }}", "cannot be read"),
        ("${{ tasks }}", "names no task"),
        ("${{ tasks.load }}", "a task has `result` and `state`, as in `tasks.load.result`"),
        ("${{ tasks.load.rows > 1 }}", "a task has `result` and `state`"),
        ("${{ tasks.load.state.x }}", "the state of a task is text"),
        ("${{ tasks[vars.x].result }}", "names no task"),
        ("${{ 5 | intt }}", "no filter is called `intt`; there are: abs, bool"),
        ("${{ 5 is odd_ }}", "no test is called `odd_`"),
        ("${{ range(3) }}", "expressions have no functions"),
        ("${{ " + "(" * 5000 + "}}", ""),
    ],
)
def test_what_cannot_be_read_is_refused_before_anything_is_filled(text: str, message: str) -> None:
    """A mistake in an expression is found when the file is checked."""
    with pytest.raises(ExpressionError) as caught:
        template_of({"deep": [text]})

    assert message in str(caught.value)


def test_references_say_what_they_name_and_where_they_stand() -> None:
    """Task, attribute, steps, path in the value, text, and whether there is nothing else."""
    template = template_of(
        {"a": ["${{ tasks.load.result.rows[0] }}", "x ${{ tasks.t.state }}"], "b": "${{ vars.x | default(secrets.y) }}"}
    )
    assert template is not None

    found = [(it.task, it.attribute, it.steps, it.path, it.text, it.is_whole) for it in template.references]
    assert found == [
        ("load", "result", ("rows", 0), ("a", 0), "tasks.load.result.rows[0]", True),
        ("t", "state", (), ("a", 1), "tasks.t.state", False),
    ]
    names = [(it.root, it.steps, it.path, it.may_lack) for it in template.names]
    assert names == [("vars", ("x",), ("b",), True), ("secrets", ("y",), ("b",), False)]


def test_a_template_that_is_one_reference_says_so() -> None:
    """The engine may then hand a result on without a look into it."""
    whole = template_of("${{ tasks.load.result }}")
    other = template_of("${{ tasks.load.result }}!")
    more = template_of("${{ tasks.load.result | length }}")

    assert whole is not None
    assert other is not None
    assert more is not None
    assert whole.whole is not None
    assert whole.whole.task == "load"
    assert other.whole is None
    assert more.whole is None


def test_plain_references_do_not_load_the_engine_of_the_language() -> None:
    """A job with references only does not pay for more."""
    code = (
        "import sys; from flowrun.expressions import template_of, condition_of; "
        "template_of({'a': '${{ tasks.x.result[0] }}', 'b': 'x ${{ vars.y }}'}); condition_of('vars.z'); "
        "sys.exit('jinja2' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
