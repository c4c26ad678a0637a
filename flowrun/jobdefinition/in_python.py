"""InPython: a job that was written in Python, as what a job file would say, with the lines of the Python files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from flowrun.problem import Place
from flowrun.registry import Entry

from ..dataclass import dataclass
from .keypath import KeyPath


@dataclass(frozen=True)
class InPython:
    """The sections of a job as values of Python, taken as they are: nothing in them is included or filled in."""

    title: str
    """How messages call it, as a file would be called."""
    sections: Mapping[str, Any]
    places: Mapping[KeyPath, Place] = field(default_factory=dict)
    """Where each task was added."""
    variants: Mapping[str, Entry[Any]] = field(default_factory=dict)
    """The classes and functions that it brings itself, by the names under `task:`."""

    def __str__(self) -> str:
        return self.title

    @property
    def needs_discovery(self) -> bool:
        """It names classes that it does not bring."""
        config = self.sections.get("config", {})
        return (
            any(name not in self.variants for name in _named(self.sections.get("tasks", {})))
            or "executors" in self.sections
            or bool(config.get("extension_directories") or config.get("extension_packages"))
        )


def _named(tasks: Mapping[str, Any]) -> list[str]:
    """Every name under `task:`, in groups too."""
    found: list[str] = []
    for task in tasks.values():
        if "task" in task:
            found.append(task["task"])
        found += _named(task.get("serial") or task.get("parallel") or {})
    return found
