"""Descriptions of keys: the line below each in its class."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel


def descriptions_of(cls: type[BaseModel]) -> dict[str, str]:
    """What the source says about the fields of `cls`, its own and inherited ones, by field name."""
    bases = [base for base in reversed(cls.__mro__) if issubclass(base, BaseModel) and base is not BaseModel]
    texts = [_in_module(base.__module__).get(base.__name__, {}) for base in bases]
    return {name: text for of_base in texts for name, text in of_base.items() if name in cls.model_fields}


@cache
def _in_module(name: str) -> dict[str, dict[str, str]]:
    import ast
    import inspect
    import sys

    tree = ast.parse(inspect.getsource(sys.modules[name]))
    found: dict[str, dict[str, str]] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = {}
            for field, text in zip(node.body, node.body[1:], strict=False):
                match field, text:
                    case ast.AnnAssign(target=ast.Name(id=key)), ast.Expr(value=ast.Constant(value=str(words))):
                        found[node.name][key] = inspect.cleandoc(words)
    return found
