"""Check: one pass over a job with its classes at hand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from ..bundled import BUNDLED
from ..checkpointer.checkpointer import Checkpointer, checkpointers
from ..discovery import Discovery
from ..executors.executor import Executor, executors
from ..extensions.extension import Extension, extensions
from ..jobdefinition import JobDefinition, Loaded
from ..jobdefinition.keypath import KeyPath, spelled
from ..jobdefinition.model import Plugin, TaskDefinition
from ..jobdefinition.wording import plain
from ..loggers.logger import Logger, loggers
from ..problem import Place, Problem
from ..registry import Registry
from ..task import Task, tasks
from .dependencies import dependency_problems
from .executors import executor_name
from .suggestions import Suggestions, did_you_mean, listed
from .use import Use
from .variants import Variants

if TYPE_CHECKING:
    from .parameters import Parameters

P = TypeVar("P", bound=BaseModel)


@dataclass(frozen=True, eq=False)
class Checked:
    """The classes of a job, by the names that the job uses, and everything that is wrong with it."""

    tasks: Mapping[str, type[Task]] = field(default_factory=dict)
    loggers: Mapping[str, type[Logger]] = field(default_factory=dict)
    extensions: Mapping[str, type[Extension]] = field(default_factory=dict)
    checkpointer: type[Checkpointer] = Checkpointer  # type: ignore[type-abstract]  # it stands for none
    executors: Mapping[str, type[Executor]] = field(default_factory=dict)
    """Those under `executors:` and those that tasks use without naming one there."""
    executor_of: Mapping[str, str] = field(default_factory=dict)
    """The name of the executor of each task."""
    problems: tuple[Problem, ...] = ()
    """Those found while loading and those found here, sorted by place. With any, classes may be missing above."""
    warnings: tuple[Problem, ...] = ()
    """What a person should know, though the job can run."""


def check(loaded: Loaded, discovery: Discovery) -> Checked:
    """Find the classes that a job names, and everything that is wrong with it. Nothing is raised or started."""
    if loaded.definition is None:
        return Checked(problems=loaded.problems)
    return _Check(loaded, loaded.definition, discovery).checked()


class _Check:
    def __init__(self, loaded: Loaded, definition: JobDefinition, discovery: Discovery) -> None:
        self._loaded = loaded
        self._definition = definition
        self._discovery = discovery
        self._origins = loaded.origins
        self._suggestions = Suggestions()
        self._problems: list[Problem] = []
        self._variants = Variants(discovery, loaded.origins, self._suggestions, self._problems.append)

    def checked(self) -> Checked:
        definition = self._definition
        found_tasks = self._tasks()
        found_executors = self._section(executors, "executors", definition.executors)
        executor_of = self._executor_of(found_tasks, found_executors)
        found_loggers = self._section(loggers, "loggers", definition.loggers)
        found_extensions = self._section(extensions, "extensions", definition.extensions)
        found_checkpointer = self._class(checkpointers, ("checkpointer",), "checkpointer", definition.checkpointer)
        self._pools()
        self._unusable()
        self._problems += dependency_problems(definition.tasks, self._loaded.left_out, self._origins, self._suggestions)
        problems = [*self._loaded.problems, *self._problems]
        return Checked(
            tasks=found_tasks,
            loggers=found_loggers,
            extensions=found_extensions,
            checkpointer=found_checkpointer or Checkpointer,
            executors=found_executors,
            executor_of=executor_of,
            problems=tuple(sorted(problems, key=self._order)),
            warnings=tuple(self._warnings()),
        )

    def _tasks(self) -> dict[str, type[Task]]:
        found = {}
        for name, task in self._definition.tasks.items():
            if cls := self._class(tasks, ("tasks", name), f"task `{plain(name)}`", task):
                found[name] = cls
        return found

    def _section(self, registry: Registry[P], section: str, plugins: Mapping[str, Plugin]) -> dict[str, type[P]]:
        found = {}
        for name, plugin in plugins.items():
            if cls := self._class(registry, (section, name), f"{registry.kind} `{plain(name)}`", plugin):
                found[name] = cls
        return found

    def _class(
        self, registry: Registry[P], path: KeyPath, title: str, named: Plugin | TaskDefinition
    ) -> type[P] | None:
        cls = self._variants.of(registry, named.variant, (*path, "variant"))
        if cls is not None:
            use = Use(path, title, cls, named.parameters)
            if (error := use.error()) is not None:
                self._problems += self._parameters.problems(use, error)
        return cls

    @cached_property
    def _parameters(self) -> Parameters:
        """Only a job with mistakes in its parameters needs it."""
        from .declarations import Declarations
        from .parameters import Parameters

        return Parameters(self._origins, Declarations(self._discovery), self._suggestions)

    def _executor_of(self, classes: Mapping[str, type[Task]], found: dict[str, type[Executor]]) -> dict[str, str]:
        """The executor of each task; those that stand under no name in the file are added to `found`."""
        names = {}
        known = dict.fromkeys([*self._definition.executors, *BUNDLED["executor"]])
        for task_name, cls in classes.items():
            task = self._definition.tasks[task_name]
            path = ("tasks", task_name, "executor")
            name = names[task_name] = executor_name(task, cls)
            if name not in known:
                self._unknown("FR404", "executor", name, path, known)
            elif name not in self._definition.executors and (executor := self._variants.of(executors, name, path)):
                found[name] = executor
        return names

    def _pools(self) -> None:
        for name, task in self._definition.tasks.items():
            if task.pool is not None and task.pool not in self._definition.pools:
                self._unknown("FR405", "pool", task.pool, ("tasks", name, "pool"), self._definition.pools)

    def _unknown(self, code: str, kind: str, name: str, path: KeyPath, known: Collection[str]) -> None:
        if self._is_reported((f"{kind}s", name)):
            return
        shown = self._origins.shown(path) if self._origins.is_tainted(path) else name
        near = self._suggestions.nearest(name, kind, known)
        message = f"task `{plain(path[1])}`: no {kind} is called `{plain(shown)}`"
        note = f"{kind}s here: {listed(known)}" if known else f"there is no section `{kind}s`"
        place, spelled = self._origins.value(path), self._origins.spelled(path)
        self._problems.append(Problem(code, message, place, spelled, did_you_mean(near), (note,)))

    def _is_reported(self, path: KeyPath) -> bool:
        """What stands at `path` was left out while loading, because of a mistake in it."""
        start = spelled(path)
        return any(f"{problem.path}.".startswith(f"{start}.") for problem in self._loaded.problems)

    def _unusable(self) -> None:
        for one in self._discovery.unusable:
            place, spelled = self._origins.value(one.path), self._origins.spelled(one.path)
            self._problems.append(Problem(one.code, one.message, place, spelled))

    def _warnings(self) -> Iterator[Problem]:
        yield from self._loaded.warnings
        shown = self._discovery.shown
        if not self._variants.misses_some:
            for module in self._discovery.broken:
                place = replace(module.place, file=shown(module.place.file))
                message = f"module {shown(module.file)} cannot be imported"
                yield Problem("FR401", message, place, "", module.error, ("only jobs that use it are affected",))
        for remark in self._discovery.remarks:
            file = shown(remark.file)
            yield Problem("FR411", f"module {file} {remark.message}", Place(file))

    def _order(self, problem: Problem) -> tuple[int, int, int]:
        files, place = self._loaded.files, problem.place
        return files.index(place.file) if place.file in files else len(files), place.line, place.column
