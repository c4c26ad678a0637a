"""Reference: what an expression names, as in `tasks.load.result.rows[0]`."""

from __future__ import annotations

from typing import Any

from ..dataclass import dataclass
from ..errors import ExpressionError

Step = str | int
"""A key or an attribute, or the position in a list."""

ROOTS = ("tasks", "vars", "env", "secrets", "item", "matrix", "run")
"""The names that expressions begin with."""

RUN = ("id", "job", "started", "is_restart")
"""What `run` has."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One name in an expression with the path that is written behind it."""

    root: str
    """Its first word: `tasks`, `vars` and so on, or one that means nothing."""
    steps: tuple[Step, ...]
    """The path after the root; of a task, after its `result`."""
    text: str
    """As it is written, without `${{ }}`."""
    task: str = ""
    """The name of the task, as it is written; empty for other roots."""
    attribute: str = ""
    """`result` or `state`; empty for other roots."""
    may_lack: bool = False
    """The expression says what follows if there is no such thing, as in `vars.day | default('today')`."""
    path: tuple[Any, ...] = ()
    """Where it stands in the value that is filled in."""
    is_whole: bool = False
    """The text at `path` is this reference and nothing else: what it names is passed on as it is."""

    def at(self, path: tuple[Any, ...], *, is_whole: bool) -> Reference:
        """The same reference, said to stand at `path`."""
        return Reference(self.root, self.steps, self.text, self.task, self.attribute, self.may_lack, path, is_whole)


def reference_of(
    root: str, steps: tuple[Step, ...], text: str, *, may_lack: bool = False, is_whole: bool = False
) -> Reference:
    """The reference that `root` and `steps` make. Raises ExpressionError for one that is not complete."""
    if root != "tasks":
        return Reference(root, steps, text, may_lack=may_lack, is_whole=is_whole)
    if not steps:
        raise ExpressionError(f"`{text}` names no task: write `tasks.NAME.result` or `tasks['NAME'].result`")
    if len(steps) < 2 or steps[1] not in ("result", "state"):
        hint = " (a name with other characters than letters, digits and `_` is written `tasks['NAME']`)"
        raise ExpressionError(f"`{text}`: a task has `result` and `state`, as in `tasks.{steps[0]}.result`{hint}")
    if steps[1] == "state" and len(steps) > 2:
        raise ExpressionError(f"`{text}`: the state of a task is text and has no parts")
    return Reference(root, steps[2:], text, str(steps[0]), str(steps[1]), may_lack, (), is_whole)
