"""Checked: a job with its classes, and everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from ..checkpointer.checkpointer import Checkpointer
from ..dataclass import dataclass
from ..executors.executor import Executor
from ..extensions.extension import Extension
from ..jobdefinition import Loaded
from ..jobdefinition.keypath import KeyPath
from ..loggers.logger import Logger
from ..problem import Problem
from ..task import Task

if TYPE_CHECKING:
    from ..secrets.secret_values import SecretValues


@dataclass(frozen=True, eq=False)
class Checked:
    """The classes of a job, by the names that the job uses, and everything that is wrong with it."""

    loaded: Loaded
    """What was loaded, with the defaults that the decorators of classes and functions give."""
    tasks: Mapping[str, type[Task]] = field(default_factory=dict)
    loggers: Mapping[str, type[Logger]] = field(default_factory=dict)
    extensions: Mapping[str, type[Extension]] = field(default_factory=dict)
    checkpointer: type[Checkpointer] = Checkpointer  # type: ignore[type-abstract]  # it stands for none
    executors: Mapping[str, type[Executor]] = field(default_factory=dict)
    """Those under `executors:` and those that tasks use without naming one there."""
    executor_of: Mapping[str, str] = field(default_factory=dict)
    """The name of the executor of each task."""
    machine_pools: Mapping[str, int] = field(default_factory=dict)
    """The slots of the pools that tasks name and that the job shares with others on this machine."""
    secrets: SecretValues | None = None
    """The secrets that the job names; None if it names none."""
    filled: Mapping[KeyPath, Mapping[str, Any]] = field(default_factory=dict)
    """The parameters of parts in which secrets are named, with their values, by the path of the part."""
    announced: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What workers elsewhere announce of the parameters of classes that are not here, as JSON Schema by name."""
    problems: tuple[Problem, ...] = ()
    """Those found while loading and those found here, sorted by place. With any, classes may be missing above."""
    warnings: tuple[Problem, ...] = ()
    """What a person should know, though the job can run."""
