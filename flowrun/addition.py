"""Additions: the tasks that a task adds to the job while it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from . import values
from .dataclass import dataclass
from .default_executor import default_executor
from .errors import UsageError
from .jobdefinition.task_definition import TaskDefinition
from .misfits import misfits

_KEYS = frozenset(
    {"max_attempts", "backoff", "retry_on", "timeout", "executor", "pool", "priority", "run_if", "at_most_once", "env"}
)


@dataclass(frozen=True, slots=True)
class Addition:
    """A task that is to be added."""

    variant: str
    """The name under which workers know the class."""
    cls: type[Any]
    parameters: Mapping[str, Any]
    name: str
    """Within the group of those that are added; empty: one is made of the variant."""
    after: Iterable[str]
    keys: Mapping[str, Any]
    """Those of a task in a job file."""
    stands_in: bool
    """Its result is the result of the task that adds it."""


class Additions:
    """What one attempt adds. The tasks start when it has completed; a failed attempt adds nothing."""

    __slots__ = ("_leaves_out_rest", "_of", "_records")

    def __init__(self, of: str) -> None:
        """`of` is the name of the task that adds."""
        self._of = of
        self._records: dict[str, dict[str, Any]] = {}
        self._leaves_out_rest = False

    def add(self, addition: Addition) -> str:
        """Add a task and give its full name.

        Raises UsageError for a wrong name or key, and for parameters that do not fit the class.
        """
        variant, parameters, keys = addition.variant, addition.parameters, addition.keys
        _refuse_misfits(addition.cls, parameters, f"the parameters of an added task do not fit {variant}")
        short = self._name(addition)
        if unknown := sorted(set(keys) - _KEYS):
            raise UsageError(f"an added task takes no {', '.join(unknown)}; it takes: {', '.join(sorted(_KEYS))}")
        full_names = [self._full_name(one) for one in addition.after]
        definition = {"task": variant, "dependencies": full_names, **keys}
        _refuse_misfits(TaskDefinition, definition, f"{short!r} cannot be added")
        self._records[short] = {
            "name": f"{self._of}/{short}",
            "definition": definition,
            "given": {key: values.encode(value) for key, value in parameters.items()},
            "executor": default_executor(addition.cls),
            "stands_in": addition.stands_in,
        }
        return f"{self._of}/{short}"

    def leave_out_rest(self) -> None:
        """The members of the group that have not started are not to start any more."""
        self._leaves_out_rest = True

    @property
    def outcome(self) -> dict[str, Any]:
        """The fields of the outcome that tell of this; empty if there is nothing to tell."""
        told: dict[str, Any] = {}
        if self._records:
            told["spawned"] = tuple(self._records.values())
        if self._leaves_out_rest:
            told["leaves_out_rest"] = True
        return told

    def _name(self, addition: Addition) -> str:
        short = addition.name or self._free_name(addition.variant)
        if "/" in short or short.endswith("]"):
            raise UsageError(f"the name {short!r} of an added task must be without `/` and not end with `]`")
        if short in self._records:
            raise UsageError(f"task {self._of!r} adds {short!r} twice")
        return short

    def _full_name(self, after: str) -> str:
        short = after.removeprefix(f"{self._of}/")
        if short not in self._records:
            known = ", ".join(self._records) or "none yet"
            raise UsageError(
                f"an added task can come after others that {self._of!r} added ({known}), not after {after!r}"
            )
        return f"{self._of}/{short}"

    def _free_name(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._records:
            number += 1
            name = f"{wanted}-{number}"
        return name


def _refuse_misfits(cls: type[Any], fields: Mapping[str, Any], what: str) -> None:
    try:
        cls.model_validate(dict(fields))
    except ValidationError as error:
        raise UsageError(f"{what}: {misfits(error)}") from None
