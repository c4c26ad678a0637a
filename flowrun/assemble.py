"""Assemble: the one place where names in a job file become objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .check import Checked, check
from .checkpointer.checkpointer import Checkpointer
from .digests import digests_of
from .discovery import Discovery, discover
from .engine.graph import Graph
from .engine.job import Job
from .errors import definition_error
from .executors.executor import Executor
from .jobdefinition import JobDefinition, Loaded, load
from .jobdefinition.model import ConfigurationDefinition, Plugin
from .project_root import find_root
from .shared_values import SharedValues


@dataclass(frozen=True)
class JobSource:
    """Which job, and how it is read."""

    job: str | Path | Mapping[str, Any] | JobDefinition
    """A path, `-` for standard input, a mapping, or a definition that was loaded before."""
    root: Path | None = None
    """The project root; found from the job file if it is not given."""
    kind: str = "yaml"
    variables: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes | None = None


@dataclass(frozen=True)
class OpenJob:
    """A job that was read, whose classes were found, and in which nothing is wrong."""

    definition: JobDefinition
    loaded: Loaded
    discovery: Discovery
    checked: Checked
    graph: Graph
    root: Path

    @property
    def name(self) -> str:
        """The name that identifies the job."""
        return self.definition.config.name


def open_job(source: JobSource, *, cwd: Path, environ: Mapping[str, str]) -> OpenJob:
    """Read a job, find its classes and check everything.

    Raises DefinitionError with every problem of all files at once.
    """
    root = (source.root or _root_of(source, cwd)).resolve()
    if source.kind != "yaml":
        discover(root)  # a format of the project's own must be known before its file can be read
    loaded = load(
        source.job,
        root=root,
        variables=source.variables,
        environ=environ,
        stdin=source.stdin,
        kind=source.kind,
        cwd=cwd,
    )
    if loaded.definition is None:
        raise definition_error(loaded.problems)
    config = loaded.definition.config
    discovery = discover(root, config.extension_directories, config.extension_packages)
    checked = check(loaded, discovery)
    if checked.problems:
        raise definition_error(checked.problems)
    graph = Graph({name: task.depends_on for name, task in loaded.definition.tasks.items()})
    return OpenJob(loaded.definition, loaded, discovery, checked, graph, root)


def open_checkpointer(job: OpenJob) -> Checkpointer:
    """The checkpointer of a job, for those who only want to look."""
    made: Checkpointer = make_part(job.checked.checkpointer, job.definition.checkpointer, job.root)
    return made


def assemble(
    job: OpenJob, config: ConfigurationDefinition, executors: Mapping[str, Executor], checkpointer: Checkpointer
) -> Callable[[str, SharedValues], Job]:
    """Make the objects of one run. The id of the run and the shared values are known later, from the checkpoint."""
    definition, checked = job.definition, job.checked
    loggers = {name: make_part(checked.loggers[name], plugin, job.root) for name, plugin in definition.loggers.items()}
    extensions = {
        name: make_part(checked.extensions[name], plugin, job.root) for name, plugin in definition.extensions.items()
    }

    def job_of(run_id: str, shared: SharedValues) -> Job:
        return Job(
            config=config,
            root=job.root,
            run_id=run_id,
            tasks=definition.tasks,
            graph=job.graph,
            executors=executors,
            executor_of=checked.executor_of,
            loggers=loggers,
            extensions=extensions,
            checkpointer=checkpointer,
            shared=shared,
            pools={name: pool if isinstance(pool, int) else pool.slots for name, pool in definition.pools.items()},
            digests=digests_of(definition.tasks, run_id),
        )

    return job_of


def make_executors(job: OpenJob, config: ConfigurationDefinition) -> dict[str, Executor]:
    """The executors that some task uses; the others are not even made."""
    made: dict[str, Executor] = {}
    for name in dict.fromkeys(job.checked.executor_of.values()):
        cls = job.checked.executors[name]
        plugin = job.definition.executors.get(name)
        if plugin is not None:
            made[name] = cls.model_validate(plugin.parameters)
        elif name == "process":
            made[name] = cls.model_validate({"start_method": config.start_method})
        else:
            made[name] = cls()
    return made


def make_part(cls: type[Any], plugin: Plugin, root: Path) -> Any:
    """A logger, extension or checkpointer with its parameters. Relative paths in it begin at the project root."""
    part = cls.model_validate(plugin.parameters)
    for name in cls.model_fields:
        value = getattr(part, name)
        if isinstance(value, Path) and not value.is_absolute():
            setattr(part, name, root / value)
    if hasattr(part, "settle"):
        part.settle(root)
    return part


def _root_of(source: JobSource, cwd: Path) -> Path:
    is_file = isinstance(source.job, str | Path) and str(source.job) != "-"
    return find_root(cwd / str(source.job) if is_file else None, cwd)
