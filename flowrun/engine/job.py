"""Job: everything one run needs, as objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..checkpointer.checkpointer import Checkpointer
from ..dataclass import dataclass
from ..executors.executor import Executor
from ..extensions.extension import Extension
from ..jobdefinition.flat import Flat
from ..jobdefinition.model import ConfigurationDefinition
from ..jobdefinition.task_definition import TaskDefinition
from ..loggers.logger import Logger
from ..shared_values import SharedValues
from ..values.file_store import FileStore
from .graph import Graph
from .slots import OutsideLimit

if TYPE_CHECKING:
    from ..expressions.of_task import TaskExpressions
    from ..secrets.mask import Mask
    from ..usual import Usual


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
    pools: Mapping[str, int | OutsideLimit] = field(default_factory=dict)
    """Slots by name, and pools that are shared with other jobs."""
    flat: Flat = field(default_factory=lambda: Flat({}))
    """Which tasks are in which groups."""
    expressions: Mapping[str, TaskExpressions] = field(default_factory=dict)
    """Of the tasks that have any."""
    vars: Mapping[str, Any] = field(default_factory=dict)
    """What expressions see as `vars`; those of groups stand above them."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """What expressions see as `env`."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    mask: Mask | None = None
    """Hides the secrets in whatever is told to the world; None if there are none."""
    digests: Mapping[str, dict[str, str]] = field(default_factory=dict)
    """What restart compares definitions by; see `CheckpointContents.digests`."""
    usual: Usual | None = None
    """How long tasks take, where it decides which of them starts first."""
    encodes: bool = True
    """What tasks in this process return is encoded, because the run is kept."""

    @cached_property
    def store(self) -> FileStore:
        """Has the large results of the run."""
        return FileStore(self.root, self.name, self.run_id)

    @cached_property
    def needing_inputs(self) -> frozenset[str]:
        """Tasks that are given something besides their parameters in the job file."""
        return frozenset(
            name for name, task in self.tasks.items() if name in self.expressions or task.env or task.secrets
        )

    @property
    def may_have_files(self) -> bool:
        """Some results may be so large that they are kept in files."""
        return self.encodes or not all(executor.is_resident for executor in self.executors.values())

    def shown(self, text: str) -> str:
        """A text as the world may see it: without secrets."""
        return text if self.mask is None else self.mask.text(text)

    @property
    def name(self) -> str:
        """The name that identifies the job."""
        return self.config.name
