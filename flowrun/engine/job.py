"""Job: everything one run needs, as objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..checkpointer.checkpointer import Checkpointer
from ..executors.executor import Executor
from ..extensions.extension import Extension
from ..jobdefinition.model import ConfigurationDefinition, TaskDefinition
from ..loggers.logger import Logger
from ..shared_values import SharedValues
from .graph import Graph


@dataclass(frozen=True)
class Job:
    """One run of a job definition: names have become objects. The engine knows their contracts only."""

    config: ConfigurationDefinition
    root: Path
    run_id: str
    tasks: Mapping[str, TaskDefinition]
    graph: Graph
    executors: Mapping[str, Executor]
    """By the name that tasks use."""
    executor_of: Mapping[str, str]
    """The name of the executor of each task."""
    loggers: Mapping[str, Logger]
    extensions: Mapping[str, Extension]
    checkpointer: Checkpointer
    shared: SharedValues
    pools: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, dict[str, str]] = field(default_factory=dict)
    """What restart compares definitions by; see `CheckpointContents.digests`."""

    @property
    def name(self) -> str:
        """The name that identifies the job."""
        return self.config.name
