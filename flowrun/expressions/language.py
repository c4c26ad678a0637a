"""Language: expressions that are more than a reference, read and worked out by Jinja."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, lru_cache
from types import GeneratorType
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, Undefined, UndefinedError, nodes
from jinja2.parser import Parser

from ..errors import ExpressionError, FlowrunError
from . import jinja
from .jinja import Named
from .named_tree import NAMED, NamedTree
from .reference import Reference
from .scope import Scope


class Parsed:
    """An expression that Jinja has read. It is compiled when it is first worked out."""

    def __init__(self, source: str, tree: nodes.Expr, references: tuple[Reference, ...]) -> None:
        self.references = references
        self._source = source
        self._tree = tree

    def value(self, scope: Scope) -> Any:
        """What it comes to. Raises ExpressionError, also for whatever the values of a user's own raise."""
        try:
            return _settled(self._compiled(Named(self.references, scope)))
        except FlowrunError:
            raise
        except Exception as error:  # operators and methods run the code of the user's classes
            raise ExpressionError(_why(self._source, error)) from error

    @cached_property
    def _compiled(self) -> Callable[[Named], Any]:
        environment = jinja.environment()
        result = nodes.Assign(nodes.Name("result", "store", lineno=1), self._tree, lineno=1)
        tree = nodes.Template([result], lineno=1)
        tree.set_environment(environment)
        template = environment.from_string(tree)

        def work_out(named: Named) -> Any:
            context = template.new_context({NAMED: named})
            for _ in template.root_render_func(context):
                pass
            return context.vars["result"]

        return work_out


def parse(source: str) -> Parsed:
    """Read an expression. Raises ExpressionError with what Jinja does not understand in it."""
    environment = jinja.environment()
    try:
        parser = Parser(environment, _with_names_in_quotes(source), state="variable")
        tree = parser.parse_expression()
        if not parser.stream.eos:
            rest = parser.stream.current
            raise ExpressionError(f"`{source}` cannot be read: before `{rest.value}` something is missing")
        replacing = NamedTree(environment)
        return Parsed(source, replacing.visit(tree), tuple(replacing.references))
    except TemplateSyntaxError as error:
        said = error.message or ""
        what = "something is missing at its end" if "end of template" in said else said
        raise ExpressionError(f"`{source}` cannot be read: {what}") from None
    except RecursionError:
        raise ExpressionError("the expression is nested too deeply") from None


def _with_names_in_quotes(source: str) -> str:
    """`tasks.load-orders.result` can only mean one thing, though Jinja takes the hyphen for a minus."""
    return _quoted_or_name().sub(lambda match: f"tasks['{match[1]}']" if match[1] else match[0], source)


@lru_cache(maxsize=1)
def _quoted_or_name() -> re.Pattern[str]:
    quoted = r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+["]"""
    return re.compile(rf"{quoted}|(?<![\w.])tasks\.(\w++(?:-++\w++)++)(?=\.(?:result|state)\b)", re.DOTALL)


def _settled(value: Any) -> Any:
    """The value itself: what is worked out bit by bit becomes a list, and what is not there an error."""
    if isinstance(value, GeneratorType):
        value = list(value)
    if isinstance(value, Undefined):
        str(value)  # raises, with what is lacking
    elif isinstance(value, list | tuple):
        for item in value:
            _settled(item)
    return value


def _why(source: str, error: Exception) -> str:
    said = str(error)
    if isinstance(error, UndefinedError) and said.startswith("`"):
        return said  # about a reference, which it names
    if isinstance(error, TypeError) and "'str'" in said:
        return f"`{source}`: {said} (variables are text: `| int` makes a number of it, `| string` text of a number)"
    return f"`{source}`: {said}" if isinstance(error, TemplateError) else f"`{source}`: {type(error).__name__}: {said}"
