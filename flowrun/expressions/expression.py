"""Expression: what stands between `${{` and `}}`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import ExpressionError, FlowrunError
from .pure import pure_reference
from .reference import Reference
from .scope import Scope
from .steps import Lacking

if TYPE_CHECKING:
    from .language import Parsed


class Expression:
    """Something to work out: a reference, which needs no more than a few steps, or anything else of the language."""

    def __init__(self, source: str, reference: Reference | None) -> None:
        self.source = source.strip()
        self.reference = reference
        """The whole of it, if it is but one reference."""
        self.references = (reference,) if reference is not None else self._parsed.references

    @cached_property
    def _parsed(self) -> Parsed:
        # Only a job with more than plain references needs Jinja.
        from .language import parse

        return parse(self.source)

    def value(self, scope: Scope) -> Any:
        """What it comes to. Raises ExpressionError."""
        try:
            return scope.value(self.reference) if self.reference is not None else self._parsed.value(scope)
        except Lacking as error:
            raise ExpressionError(str(error)) from None
        except FlowrunError:
            raise
        except Exception as error:  # from an object of the user's own
            raise ExpressionError(f"`{self.source}` cannot be worked out: {type(error).__name__}: {error}") from error


def expression_of(source: str) -> Expression:
    """Read an expression. Raises ExpressionError for one that cannot be read."""
    if not source.strip():
        raise ExpressionError("the expression is empty")
    return Expression(source, pure_reference(source))


def pure_expression(source: str) -> Expression | None:
    """The expression that `source` is if it is but a reference. Raises ExpressionError if that is not complete."""
    reference = pure_reference(source)
    return None if reference is None else Expression(source, reference)
