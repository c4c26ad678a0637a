"""Text with expressions in it: `${{ }}` apart from what stands around it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ..dataclass import dataclass
from ..errors import ExpressionError
from .expression import Expression, expression_of, pure_expression
from .scope import Scope

OPEN = "${{"
CLOSE = "}}"
MAX_KEPT = 16_384
"""So many different texts are kept as they were read; a job has fewer, or reads some of them again."""

_MARK = r"\$?\$\{\{"
_PIECE = r"""[^'"{}]++|'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+"|[{}'"]"""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a job file, read: plain text and expressions in turn."""

    parts: tuple[str | Expression, ...]
    whole: Expression | None
    """The expression that the text consists of, but for space around it."""

    def fill(self, scope: Scope) -> Any:
        """The value of the only expression as it is, or text. Raises ExpressionError."""
        if self.whole is not None:
            return self.whole.value(scope)
        return "".join([part if isinstance(part, str) else as_text(part.value(scope)) for part in self.parts])


@lru_cache(maxsize=MAX_KEPT)
def text_of(text: str) -> Text:
    """Read a text; `$${{` in it stands for `${{`. Raises ExpressionError for what cannot be read."""
    if text.startswith(OPEN) and text.endswith(CLOSE):  # mostly it is one reference and nothing else
        whole = pure_expression(text[len(OPEN) : -len(CLOSE)])
        if whole is not None:
            return Text((whole,), whole)
    parts: list[str | Expression] = []
    end = 0
    while mark := re.compile(_MARK).search(text, end):
        parts.append(text[end : mark.start()])
        if len(mark[0]) > len(OPEN):
            parts.append(OPEN)
            end = mark.end()
        else:
            close = _close(text, mark.end())
            parts.append(expression_of(text[mark.end() : close]))
            end = close + len(CLOSE)
    parts.append(text[end:])
    expressions = [part for part in parts if isinstance(part, Expression)]
    is_whole = len(expressions) == 1 and not any(part.strip() for part in parts if isinstance(part, str))
    return Text(tuple(part for part in parts if part != ""), expressions[0] if is_whole else None)


def _close(text: str, start: int) -> int:
    """Where the `}}` of an expression begins that begins at `start`: not in quotes, and not that of a mapping."""
    depth = 0
    for piece in re.compile(_PIECE).finditer(text, start):
        if piece[0] == "{":
            depth += 1
        elif piece[0] == "}" and depth:
            depth -= 1
        elif piece[0] == "}" and text.startswith(CLOSE, piece.start()):
            return piece.start()
    raise ExpressionError("`${{` begins an expression that has no end: `}}` is missing (`$${{` is the plain text)")


def as_text(value: Any) -> str:
    """How a value looks inside a text: words and numbers as in a job file, lists and mappings as JSON."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool | list | dict):
        import json

        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
