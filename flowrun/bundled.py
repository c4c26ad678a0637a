"""The table of what ships in the box. Nothing in it is imported before a job names it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

_NOTIFICATIONS = "flowrun.extensions.notifications"

BUNDLED: Mapping[str, Mapping[str, str]] = {
    "task": {
        "Choose": "flowrun.builtin.choose:Choose",
        "Counter": "flowrun.builtin.counter:Counter",
        "Noop": "flowrun.builtin.noop:Noop",
    },
    "logger": {
        "FileLogger": "flowrun.loggers.file:FileLogger",
        "ConsoleLogger": "flowrun.loggers.console:ConsoleLogger",
        "JsonLogger": "flowrun.loggers.json:JsonLogger",
    },
    "extension": {
        "RichProgressBar": "flowrun.extensions.progressbar:RichProgressBar",
        "AppriseNotification": f"{_NOTIFICATIONS}.apprise:AppriseNotification",
        "SlackWebhookNotification": f"{_NOTIFICATIONS}.slack:SlackWebhookNotification",
        "PushoverNotification": f"{_NOTIFICATIONS}.pushover:PushoverNotification",
        "EmailNotification": f"{_NOTIFICATIONS}.email:EmailNotification",
    },
    "checkpointer": {
        "FileCheckpointer": "flowrun.checkpointer.file:FileCheckpointer",
        "SQLiteCheckpointer": "flowrun.checkpointer.sqlite:SQLiteCheckpointer",
        "NoCheckpointer": "flowrun.checkpointer.nothing:NoCheckpointer",
    },
    "executor": {
        "process": "flowrun.executors.process:ProcessExecutor",
        "thread": "flowrun.executors.thread:ThreadExecutor",
        "async": "flowrun.executors.coroutine:CoroutineExecutor",
        "dask": "flowrun.executors.dask:DaskExecutor",
        "redis": "flowrun.executors.redis:RedisExecutor",
        "DaskExecutor": "flowrun.executors.dask:DaskExecutor",
        "RedisExecutor": "flowrun.executors.redis:RedisExecutor",
    },
    "secrets": {
        "EnvironmentSecrets": "flowrun.secrets.environment:EnvironmentSecrets",
        "DotenvSecrets": "flowrun.secrets.dotenv:DotenvSecrets",
        "FileSecrets": "flowrun.secrets.files:FileSecrets",
    },
}
"""For each kind of plugin: name to `module:class`."""


def bundled_class(kind: str, name: str) -> type[Any] | None:
    """The class that ships under `name`, imported now; None if there is none."""
    place = BUNDLED.get(kind, {}).get(name)
    if place is None:
        return None
    module, _, cls = place.partition(":")
    found: type[Any] = getattr(import_module(module), cls)
    return found
