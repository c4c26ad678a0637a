"""Source: how the fields of a class and the parameters of a function are written, with their lines."""

from __future__ import annotations

import ast

from ..jobdefinition.wording import plain

MAX_LENGTH = 100

Written = dict[str, tuple[int, str]]
"""Line and text by name. Empty for what cannot be read."""


def fields_of_class(file: str, name: str) -> Written:
    """The annotated names in the classes of this name."""
    source, nodes = _read(file)
    classes = [node for node in nodes if isinstance(node, ast.ClassDef) and node.name == name]
    return {
        line.target.id: (line.lineno, _text(source, line))
        for cls in classes
        for line in cls.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    }


def parameters_of_function(file: str, first_line: int) -> Written:
    """Those of the function of which this is the first line, decorators included."""
    source, nodes = _read(file)
    written: Written = {}
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _first_line(node) == first_line:
            takes = node.args
            without = len(takes.args) - len(takes.defaults)
            defaults = [*[None] * without, *takes.defaults, *takes.kw_defaults]
            for parameter, default in zip([*takes.args, *takes.kwonlyargs], defaults, strict=True):
                value = f" = {_text(source, default)}" if default is not None else ""
                written[parameter.arg] = (parameter.lineno, f"{_text(source, parameter)}{value}")
    return written


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return min(line.lineno for line in (node, *node.decorator_list))


def _read(file: str) -> tuple[str, list[ast.AST]]:
    try:
        with open(file, encoding="utf-8") as stream:
            source = stream.read()
        return source, list(ast.walk(ast.parse(source)))
    except (OSError, ValueError, SyntaxError):
        return "", []


def _text(source: str, node: ast.AST) -> str:
    return plain(" ".join((ast.get_source_segment(source, node) or "").split()), MAX_LENGTH)
