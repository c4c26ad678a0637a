"""Digests: by what a restart sees that the definition of a finished task has changed, without keeping its values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .jobdefinition.task_definition import TaskDefinition

_BYTES = 4
"""Enough to notice a change, too little to find a secret by trying."""
_ITEMS = ("foreach", "matrix")


def digests_of(tasks: Mapping[str, TaskDefinition], salt: str) -> dict[str, dict[str, str]]:
    """For each task its variant and dependencies as they are, and a salted digest of its items and each parameter."""
    key = salt.encode()[:64]
    alike: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}
    return {
        name: {**_plain(task, alike), **_salted(task, key)} if task.parameters or task.is_fan else _plain(task, alike)
        for name, task in tasks.items()
    }


def _plain(task: TaskDefinition, alike: dict[tuple[str, tuple[str, ...]], dict[str, str]]) -> dict[str, str]:
    """One for all tasks that are `alike`: there may be very many."""
    kind = task.variant, task.depends_on
    found = alike.get(kind)
    if found is None:
        dependencies = ", ".join(sorted(task.depends_on))
        found = alike[kind] = {"task": task.variant, "dependencies": dependencies}
    return found


def _salted(task: TaskDefinition, key: bytes) -> dict[str, str]:
    return {
        **{field: _digest(value, key) for field in _ITEMS if (value := getattr(task, field)) is not None},
        **{f"parameters.{field}": _digest(value, key) for field, value in task.parameters.items()},
    }


def _digest(value: Any, key: bytes) -> str:
    from hashlib import blake2b  # loads OpenSSL: not for a job without parameters

    text = json.dumps(value, sort_keys=True, default=str)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_BYTES, key=key).hexdigest()
