"""Scope: what the names in an expression stand for when it is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, Protocol

from ..dataclass import dataclass
from ..errors import ExpressionError
from .reference import ROOTS, Reference
from .steps import Lacking, step_into


class TaskEnd(Protocol):
    """What became of a task. Asked only for what an expression names, so it may be found out late."""

    @property
    def result(self) -> Any:
        """What the task returned."""

    @property
    def state(self) -> Any:
        """Where the task stands, as in `COMPLETED`."""


class _Absent:
    """Stands for a root that means nothing here."""


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Scope:
    """The values of the names that an expression may use.

    `tasks` is asked with the names that the expression has, and answers KeyError for what is no task.
    """

    tasks: Mapping[str, TaskEnd]
    vars: Mapping[str, Any]
    env: Mapping[str, str]
    secrets: Mapping[str, str]
    run: Any
    item: Any = ABSENT
    matrix: Any = ABSENT

    def value(self, reference: Reference) -> Any:
        """What `reference` names. Raises Lacking, with a sentence that says where its path ends and what is there."""
        value, what = self._start(reference)
        for number, step in enumerate(reference.steps):
            try:
                value = step_into(value, step)
            except Lacking as error:
                whole = what if number == 0 else f"`{_written(reference, number)}`"
                raise Lacking(f"`{reference.text}`: {whole} {error}") from None
        return value

    def _start(self, reference: Reference) -> tuple[Any, str]:
        """The value in front of the path, and what messages call it."""
        root = reference.root
        if root == "tasks":
            return self._of_task(reference), f"the {reference.attribute} of task `{reference.task}`"
        value = getattr(self, root) if root in ROOTS else ABSENT
        if value is ABSENT:
            raise ExpressionError(f"`{reference.text}`: {why_unknown(root)}")
        return value, f"`{root}`"

    def _of_task(self, reference: Reference) -> Any:
        try:
            end = self.tasks[reference.task]
        except KeyError:
            raise ExpressionError(f"`{reference.text}`: no task is named `{reference.task}`") from None
        if reference.attribute == "result":
            return end.result
        state = end.state
        return state.name if isinstance(state, Enum) else state


def why_unknown(root: str) -> str:
    """Why a name means nothing where it stands."""
    if root == "item":
        return "there is an `item` only in a task with `foreach`"
    if root == "matrix":
        return "there is a `matrix` only in a task with `matrix`"
    return f"expressions know no `{root}`; they know: {', '.join(ROOTS)}"


def _written(reference: Reference, count: int) -> str:
    """The reference as far as the first `count` steps of its path."""
    start = f"tasks.{reference.task}.{reference.attribute}" if reference.task else reference.root
    steps = reference.steps[:count]
    return start + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
