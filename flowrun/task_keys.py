"""TaskKeys: what `@task(...)` takes, for type checkers. The keys are those of a task in a job file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict


class TaskKeys(TypedDict, total=False):
    """Defaults of a task; a job file stands above them, key by key."""

    name: str
    depends_on: Sequence[str]
    dependencies: Sequence[str]
    parameters: Mapping[str, Any]
    max_attempts: int
    backoff: float | str | Mapping[str, Any]
    retry_on: Sequence[str]
    timeout: float | str
    executor: str
    pool: str
    priority: int
    at_most_once: bool
    when: str | bool
    approve: str | Mapping[str, Any]
    run_if: Literal["success", "failure", "always", "done"]
    min_completed: int
    foreach: Any
    matrix: Mapping[str, Any]
    max_concurrency: int
    allow_failures: int | str
    inputs: Sequence[str]
    outputs: Sequence[str]
    cache: bool | Mapping[str, Any]
    env: Mapping[str, str]
    secrets: Sequence[str]
    detached: bool
