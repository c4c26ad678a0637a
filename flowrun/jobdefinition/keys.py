"""Which keys may stand where in a job file."""

from __future__ import annotations

from pydantic import BaseModel

from . import model, parts, task_definition
from .keypath import KeyPath, entry_length

_SECTIONS: dict[str, type[BaseModel]] = {
    "config": model.ConfigurationDefinition,
    "checkpointer": parts.CheckpointerDefinition,
}
_ENTRIES: dict[str, type[BaseModel]] = {
    "tasks": task_definition.TaskDefinition,
    "loggers": parts.LoggerDefinition,
    "extensions": parts.ExtensionDefinition,
    "executors": parts.ExecutorDefinition,
    "pools": parts.PoolDefinition,
    "secrets": parts.SecretsDefinition,
}
_IN_TASKS: dict[KeyPath, type[BaseModel]] = {
    ("approve",): task_definition.ApprovalDefinition,
    ("backoff",): task_definition.Backoff,
    ("cache",): task_definition.CacheDefinition,
}


def keys_at(path: KeyPath) -> tuple[str, ...]:
    """The keys that the mapping at `path` may have; none where they are free."""
    if not path:
        return (*_keys(model.JobDefinition), "aliases")
    if len(path) == 1:
        return _keys(_SECTIONS.get(path[0]))
    length = entry_length(path)
    if len(path) == length:
        return _keys(_ENTRIES.get(path[0]))
    return _keys(_IN_TASKS.get(path[length:])) if path[0] == "tasks" else ()


def _keys(of: type[BaseModel] | None) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in of.model_fields.items()) if of else ()
