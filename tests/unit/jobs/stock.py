"""Tasks of jobs in Python, and how they ended."""

from __future__ import annotations

from typing import Any


async def load() -> dict[str, Any]:
    return {"rows": [1, 2, 3], "name": "x"}


def fail() -> None:
    raise ValueError("no rows")


def states(report) -> dict[str, str]:
    return {name: task.state.name for name, task in report.tasks.items()}
