"""Assemble: the one place where names in a job file become objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .check import Checked, check
from .checkpointer.checkpointer import Checkpointer
from .dataclass import dataclass
from .digests import digests_of
from .discovery import Discovery, discover
from .engine.graph import Graph
from .engine.job import Job
from .engine.restart import RestartPlan
from .environment import Environment
from .errors import definition_error
from .executors.executor import Executor
from .jobdefinition import JobDefinition, Loaded, Outside, load
from .jobdefinition.in_python import InPython
from .jobdefinition.keypath import KeyPath
from .jobdefinition.model import ConfigurationDefinition
from .jobdefinition.parts import Plugin
from .loggers.logger import Logger, log_of
from .project_root import directory_option, find_root
from .registry import Entry
from .shared_values import SharedValues
from .user_settings import UserSettings

if TYPE_CHECKING:
    from .expressions.of_task import TaskExpressions
    from .extensions.background import Background
    from .freshness.examiner import Examiner
    from .machine_pool import MachinePool
    from .usual import Usual


@dataclass(frozen=True)
class JobSource:
    """Which job, and how it is read."""

    job: str | Path | Mapping[str, Any] | JobDefinition | InPython
    """A path, `-` for standard input, a mapping, a definition that was loaded before, or a job in Python."""
    root: Path | None = None
    """The project root; found from the job file if it is not given."""
    kind: str = "yaml"
    variables: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes | None = None

    @property
    def own(self) -> Mapping[str, Entry[Any]]:
        """The task classes that the job brings itself."""
        return self.job.variants if isinstance(self.job, InPython) else {}


@dataclass(frozen=True)
class OpenJob:
    """A job that was read, whose classes were found, and in which nothing is wrong."""

    definition: JobDefinition
    loaded: Loaded
    discovery: Discovery
    checked: Checked
    graph: Graph
    root: Path
    vars: Mapping[str, Any] = field(default_factory=dict)
    """What expressions see as `vars`: those of the job, and above them those that were given."""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What expressions see as `env`."""
    given: Mapping[str, str] = field(default_factory=dict)
    """The variables that were given, as on the command line."""

    @property
    def name(self) -> str:
        """The name that identifies the job."""
        return self.definition.config.name

    def parameters(self, path: KeyPath, plugin: Plugin) -> Mapping[str, Any]:
        """Those of a part, which stands at `path`, with the values of secrets that are named in them."""
        return self.checked.filled.get(path, plugin.parameters)

    @cached_property
    def expressions(self) -> Mapping[str, TaskExpressions]:
        """Those of the tasks that have any; a job without them imports nothing for it."""
        tasks = self.definition.tasks
        if not any(
            task.parameters or task.when is not None or task.env or task.is_fan or task.cache or task.approve
            for task in tasks.values()
        ):
            return {}
        from .expressions.of_task import expressions_of

        return {name: found for name, task in tasks.items() if (found := expressions_of(task)) is not None}


def open_job(source: JobSource, *, cwd: Path, environ: Mapping[str, str]) -> OpenJob:
    """Read a job, find its classes and check everything.

    Raises DefinitionError with every problem of all files at once.
    """
    root = (source.root or _root_of(source, cwd)).resolve()
    if source.kind != "yaml":
        discover(root)  # a format of the project's own must be known before its file can be read
    loaded = _loaded(source, root, cwd, environ)
    if loaded.definition is None:
        raise definition_error(loaded.problems)
    config = loaded.definition.config
    if isinstance(source.job, InPython) and not source.job.needs_discovery:
        discovery = Discovery(root)
    else:
        discovery = discover(root, config.extension_directories, config.extension_packages)
    checked = check(loaded, discovery, source.own, UserSettings(environ))
    if checked.problems:
        raise definition_error(checked.problems)
    loaded = checked.loaded
    definition = loaded.definition
    assert definition is not None, "there would be a problem"
    flat = loaded.flat
    graph = Graph({name: task.depends_on for name, task in definition.tasks.items()}, flat.members, flat.follows)
    variables = {**definition.vars, **source.variables}
    return OpenJob(definition, loaded, discovery, checked, graph, root, variables, environ, source.variables)


def check_unimported(source: JobSource, *, cwd: Path, environ: Mapping[str, str]) -> tuple[Loaded, Checked]:
    """Read a job and check what can be checked without importing a module of the project."""
    loaded = _loaded(source, (source.root or _root_of(source, cwd)).resolve(), cwd, environ)
    return loaded, check(loaded, None, source.own, UserSettings(environ))


def announced_schemas(
    source: JobSource, discovery: Discovery, *, cwd: Path, environ: Mapping[str, str]
) -> Mapping[str, Mapping[str, Any]]:
    """What workers elsewhere announce of the classes that a job names and that are not here.

    A job with mistakes is no hindrance.
    """
    loaded = _loaded(source, discovery.root, cwd, environ)
    return check(loaded, discovery, source.own, UserSettings(environ)).announced


def _loaded(source: JobSource, root: Path, cwd: Path, environ: Mapping[str, str]) -> Loaded:
    outside = Outside(root, environ, source.variables, cwd)
    return load(source.job, outside, stdin=source.stdin, kind=source.kind)


def open_checkpointer(job: OpenJob) -> Checkpointer:
    """The checkpointer of a job, for those who only want to look."""
    parameters = job.parameters(("checkpointer",), job.definition.checkpointer)
    made: Checkpointer = make_part(job.checked.checkpointer, parameters, job.root)
    return made


def assemble(
    job: OpenJob,
    config: ConfigurationDefinition,
    executors: Mapping[str, Executor],
    checkpointer: Checkpointer,
    start: RestartPlan,
    shared: SharedValues,
) -> Job:
    """Make the objects of one run, which does what `start` says."""
    definition, checked = job.definition, job.checked
    pools = {name: pool if isinstance(pool, int) else pool.slots for name, pool in definition.pools.items()}
    loggers = _parts(job, "loggers", definition.loggers, checked.loggers)
    extensions = _parts(job, "extensions", definition.extensions, checked.extensions)
    for extension in extensions.values():
        if hasattr(extension, "study"):
            extension.study(_background(job, config, pools, loggers.values(), start.past.skipped))
    return Job(
        config=config,
        root=job.root,
        run_id=start.run_id,
        tasks=definition.tasks,
        graph=job.graph,
        executors=executors,
        executor_of=checked.executor_of,
        loggers=loggers,
        extensions=extensions,
        checkpointer=checkpointer,
        shared=shared,
        pools={**pools, **_machine_pools(job)},
        flat=job.loaded.flat,
        expressions=job.expressions,
        vars=job.vars,
        environ=Environment(job.environ, job.root),
        secrets=checked.secrets or {},
        mask=checked.secrets.mask if checked.secrets else None,
        digests={} if checkpointer.keeps_nothing else digests_of(definition.tasks, start.run_id),
        usual=None if checkpointer.keeps_nothing else _usual_for_ranks(job, config),
    )


def _parts(
    job: OpenJob, section: str, plugins: Mapping[str, Plugin], classes: Mapping[str, type[Any]]
) -> dict[str, Any]:
    return {
        name: make_part(classes[name], job.parameters((section, name), plugin), job.root)
        for name, plugin in plugins.items()
    }


def _machine_pools(job: OpenJob) -> dict[str, MachinePool]:
    """Those that the tasks name and that other jobs on this machine use too."""
    if not job.checked.machine_pools:
        return {}
    from .machine_pool import MachinePool, runtime_directory

    runtime = runtime_directory(job.environ)
    return {name: MachinePool(name, slots, runtime) for name, slots in job.checked.machine_pools.items()}


def _usual_for_ranks(job: OpenJob, config: ConfigurationDefinition) -> Usual | None:
    """How long tasks usually take, if it can matter which of those that are ready starts first."""
    is_short_of_slots = 0 < config.max_concurrency < len(job.graph.names) or bool(job.definition.pools)
    if not is_short_of_slots or not any(job.graph.dependencies.values()):
        return None
    return usual_of(job)


def usual_of(job: OpenJob) -> Usual:
    """How long the tasks of a job took in its last runs."""
    from .history.places import Places
    from .usual.samples import read_samples

    return read_samples(Places(job.root).samples(job.name)).usual()


def _background(
    job: OpenJob,
    config: ConfigurationDefinition,
    pools: Mapping[str, int],
    loggers: Iterable[Logger],
    skipped: Collection[str],
) -> Background:
    from .extensions.background import Background

    return Background(
        tasks=job.definition.tasks,
        dependencies=job.graph.dependencies,
        dependents=job.graph.dependents,
        pools=pools,
        log_of=lambda task: log_of(loggers, task),
        needs=job.graph.needs,
        parents=job.graph.parents,
        slots=max(0, config.max_concurrency),
        skipped=frozenset(skipped),
        usual=lambda: usual_of(job),
        queued={it for it, name in job.checked.executor_of.items() if job.checked.executors[name].counts_timeout},
        where=directory_option(job.root, Path.cwd()) if any(it.approve for it in job.definition.tasks.values()) else "",
    )


def make_executors(job: OpenJob, config: ConfigurationDefinition) -> dict[str, Executor]:
    """The executors that some task uses; the others are not even made."""
    made: dict[str, Executor] = {}
    for name in dict.fromkeys(job.checked.executor_of.values()):
        cls = job.checked.executors[name]
        plugin = job.definition.executors.get(name)
        if plugin is not None:
            made[name] = cls.model_validate(job.parameters(("executors", name), plugin))
        elif name == "process":
            made[name] = cls.model_validate({"start_method": config.start_method})
        else:
            made[name] = cls()
    return made


def make_examiner(job: OpenJob) -> Examiner:
    """Who finds out whether tasks are up to date."""
    from .eventbus.event import now
    from .freshness.examiner import Examiner

    tasks = job.definition.tasks
    return Examiner(
        job.root,
        job.name,
        {name: task for name, task in tasks.items() if task.is_examined},
        {task.variant: job.checked.tasks[name] for name, task in tasks.items() if task.is_examined},
        Environment(job.environ, job.root),
        now,
    )


def make_part(cls: type[Any], parameters: Mapping[str, Any], root: Path) -> Any:
    """A logger, extension or checkpointer with its parameters. Relative paths in it begin at the project root."""
    part = cls.model_validate(parameters)
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
