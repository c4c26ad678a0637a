"""A scope for the tests of expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowrun.expressions import Scope


@dataclass
class End:
    """What became of a task."""

    result: Any = None
    state: str = "COMPLETED"


def scope_of(results: Mapping[str, Any] = {}, **others: Any) -> Scope:
    """A scope in which the tasks have completed with these results."""
    tasks = {name: result if isinstance(result, End) else End(result) for name, result in results.items()}
    given: dict[str, Any] = {"vars": {}, "env": {}, "secrets": {}, "run": {}, **others}
    return Scope(tasks=tasks, **given)
