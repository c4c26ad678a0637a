"""Variables with expressions in them."""

from __future__ import annotations

import pytest

from flowrun.errors import ExpressionError
from flowrun.expressions import template_of
from flowrun.expressions.variables import with_filled_variables

from .scopes import scope_of


def test_a_variable_may_be_made_of_others() -> None:
    """In any order, and only those are filled in that are asked for."""
    scope = scope_of(
        {"load": 3},
        vars={"out": "${{ vars.base }}/out", "base": "/data/${{ env.X }}", "bad": "${{ vars.none }}", "n": 1},
        env={"X": "eu"},
    )
    template = template_of("${{ vars.out }} ${{ vars.n }}")
    assert template is not None

    assert template.fill(with_filled_variables(scope)) == "/data/eu/out 1"


def test_a_variable_made_of_itself_is_refused() -> None:
    """With the way around."""
    scope = scope_of(vars={"a": "${{ vars.b }}", "b": "x ${{ vars.c }}", "c": "${{ vars.b | upper }}"})
    template = template_of("${{ vars.a }}")
    assert template is not None

    with pytest.raises(ExpressionError, match=r"`vars\.b` is made of itself: b → c → b"):
        template.fill(with_filled_variables(scope))


def test_plain_variables_stay_as_they_are() -> None:
    """Nothing is wrapped that needs no filling."""
    scope = scope_of(vars={"a": 1})

    assert with_filled_variables(scope) is scope
