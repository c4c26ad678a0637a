"""Pure references: read without Jinja, and with the same meaning."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun.errors import ExpressionError
from flowrun.expressions.expression import Expression, expression_of
from flowrun.expressions.language import parse
from flowrun.expressions.pure import pure_reference

from .scopes import scope_of

KEYS = st.sampled_from(["a", "b", "items", "keys", "x_1", "0", "if", "with space"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
STEPS = st.one_of(
    st.sampled_from(
        [".a", ".b", ".items", ".keys", ".x_1", "[0]", "[1]", "[-1]", "['a']", '["items"]', "['with space']"]
    ),
    st.sampled_from(["[ 0 ]", "['0']", "['if']", ".upper"]),
)


@settings(max_examples=150)
@given(VALUES, st.lists(STEPS, max_size=4), st.sampled_from(["tasks.t.result", "tasks['t'].result", "vars.v"]))
def test_both_readings_of_a_reference_agree(value: Any, steps: list[str], start: str) -> None:
    """The same references, and the same value or the same error."""
    source = start + "".join(steps)
    scope = scope_of({"t": value}, vars={"v": value})
    pure = pure_reference(source)
    assert pure is not None

    parsed = parse(source)

    (reference,) = parsed.references
    assert (reference.root, reference.task, reference.steps) == (pure.root, pure.task, pure.steps)
    assert _outcome(lambda: Expression(source, pure).value(scope)) == _outcome(lambda: parsed.value(scope))


def _outcome(work: Any) -> Any:
    try:
        return work()
    except ExpressionError as error:
        return str(error).partition(": ")[2]  # in front of it each writes the reference in its own way


@settings(max_examples=150)
@given(st.text("abvars.[]'\"0-1 |+(){}\\n", max_size=14))
def test_any_text_is_read_or_refused(source: str) -> None:
    """Never another error than the one that says what is wrong."""
    with suppress(ExpressionError):
        assert expression_of(source).source == source.strip()


def test_what_is_more_than_a_reference_is_left_to_the_language() -> None:
    """Constants, operators, filters and escapes in quotes."""
    for source in ("true", "None", "a + b", "a.b | c", "a[b]", r"a['\n']", "a.b()", "1", "a.", "'a'", "not a"):
        assert pure_reference(source) is None
