"""Condition: what stands under `when:`."""

from __future__ import annotations

from typing import Any

import pytest

from flowrun.errors import ExpressionError
from flowrun.expressions import condition_of

from .scopes import scope_of


@pytest.mark.parametrize("text", ["vars.x == 3", "${{ vars.x == 3 }}", "${{ vars.x == 3 }}\n"])
def test_a_condition_may_stand_in_braces_or_not(text: str) -> None:
    """Both mean the same."""
    condition = condition_of(text)

    assert condition.holds(scope_of(vars={"x": 3})) is True
    assert condition.holds(scope_of(vars={"x": 4})) is False
    assert [name.text for name in condition.names] == ["vars.x"]


@pytest.mark.parametrize("given", [True, False])
def test_true_and_false_are_conditions(given: bool) -> None:
    """Without any expression."""
    assert condition_of(given).holds(scope_of()) is given
    assert condition_of(given).references == ()


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        (True, True),
        (False, False),
        (None, False),
        (0, False),
        (0.5, True),
        ([], False),
        ({"a": 1}, True),
        ("", False),
        ("false", False),
        ("False", False),
        ("no", False),
        ("off", False),
        ("0", False),
        ("true", True),
        (" Yes ", True),
        ("on", True),
        ("1", True),
    ],
)
def test_truth(value: Any, holds: bool) -> None:
    """The text `false`, as a variable of the command line gives it, is false; also under `not`, `and` and `if`."""
    scope = scope_of(vars={"x": value})

    assert condition_of("vars.x").holds(scope) is holds
    assert condition_of("not vars.x").holds(scope) is not holds
    assert condition_of("vars.x and true").holds(scope) is holds
    assert condition_of("vars.x or false").holds(scope) is holds
    assert condition_of("true if vars.x else false").holds(scope) is holds


def test_text_that_says_neither_yes_nor_no_is_refused() -> None:
    """A forgotten comparison is found instead of being true."""
    with pytest.raises(ExpressionError, match=r"neither true nor false: compare it, as in `vars\.mode == 'x'`"):
        condition_of("vars.mode").holds(scope_of(vars={"mode": "full"}))


class NoTruth:
    def __bool__(self) -> bool:
        raise ValueError("ambiguous")


def test_a_value_without_truth_is_refused() -> None:
    """As are arrays, which do not know either."""
    with pytest.raises(ExpressionError, match=r"`vars\.x` is of type NoTruth, which is neither true nor false"):
        condition_of("vars.x").holds(scope_of(vars={"x": NoTruth()}))


def test_half_a_condition_in_braces_is_refused() -> None:
    """`${{ a }} and b` would be a text, and never false."""
    with pytest.raises(ExpressionError, match="put all of it into one"):
        condition_of("${{ vars.a }} and vars.b")


def test_a_condition_names_the_tasks_that_it_waits_for() -> None:
    """A reference makes a dependency."""
    condition = condition_of("tasks.a.result.rows > 0 and tasks['b'].state == 'COMPLETED'")

    assert [reference.task for reference in condition.references] == ["a", "b"]
