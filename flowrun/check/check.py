"""Check: one pass over a job with its classes at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from ..bundled import BUNDLED, bundled_class
from ..checkpointer.checkpointer import Checkpointer, checkpointers
from ..defaults import has_defaults
from ..discovery import Discovery
from ..errors import ExpressionError
from ..executors.executor import Executor, executors
from ..extensions.extension import extensions
from ..jobdefinition import JobDefinition, Loaded
from ..jobdefinition.expression_places import expression_places, paths_of_expressions
from ..jobdefinition.keypath import KeyPath
from ..jobdefinition.parts import Plugin
from ..jobdefinition.task_definition import TaskDefinition
from ..jobdefinition.wording import plain
from ..loggers.logger import loggers
from ..problem import Place, Problem
from ..registry import Entry, Registry
from ..task import Task, tasks
from .checked import Checked
from .dependencies import dependency_problems
from .executors import executor_name
from .items import item_problems
from .secret_uses import secret_uses
from .suggestions import Suggestions
from .use import Use
from .variants import Variants

if TYPE_CHECKING:
    from ..secrets.secret_values import SecretValues
    from ..user_settings import UserSettings
    from .parameters import Parameters
    from .part_parameters import PartParameters

P = TypeVar("P", bound=BaseModel)


_ON_THIS_MACHINE = ("process", "thread", "async")
"""Asked of every task, without importing anything."""


def check(
    loaded: Loaded,
    discovery: Discovery | None,
    own: Mapping[str, Entry[Task]] = {},
    settings: UserSettings | None = None,
) -> Checked:
    """Find the classes that a job names, and everything that is wrong with it. Nothing is raised or started.

    `own` are task classes that the job brings itself; they are taken first. Without a discovery no class is looked
    for, and nothing is said about their parameters. `settings` are asked for pools that the job has not.
    """
    if loaded.definition is None:
        return Checked(loaded, problems=loaded.problems)
    return _Check(loaded, loaded.definition, discovery, own, settings).checked()


class _Check:
    def __init__(
        self,
        loaded: Loaded,
        definition: JobDefinition,
        discovery: Discovery | None,
        own: Mapping[str, Entry[Task]],
        settings: UserSettings | None,
    ) -> None:
        self._loaded = loaded
        self._settings = settings
        self._definition = definition
        self._is_blind = discovery is None
        self._discovery = discovery = discovery or Discovery(Path())
        self._origins = loaded.origins
        self._doubts = loaded.doubts
        self._suggestions = Suggestions()
        self._problems: list[Problem] = []
        self._remarks: list[Problem] = []
        self._elsewhere: dict[str, type[Executor]] = {}
        self._announced: Mapping[str, Mapping[str, Any]] = {}
        self._parts: dict[KeyPath, tuple[Use, PartParameters]] = {}
        self._variants = Variants(discovery, loaded, self._suggestions, self._problems.append, own)

    def checked(self) -> Checked:
        found_executors = self._section(executors, "executors", self._definition.executors)
        found_tasks = self._tasks(found_executors)
        definition = self._definition
        executor_of = self._executor_of(found_tasks, found_executors)
        found_loggers = self._section(loggers, "loggers", definition.loggers)
        found_extensions = self._section(extensions, "extensions", definition.extensions)
        found_checkpointer = self._class(checkpointers, ("checkpointer",), "checkpointer", definition.checkpointer)
        machine_pools = self._machine_pools()
        self._unusable()
        found_secrets = self._secrets()
        filled = self._filled(found_secrets)
        self._ask_elsewhere(filled)
        self._problems += dependency_problems(definition.tasks, self._loaded, self._suggestions)
        self._problems += item_problems(definition.tasks, self._loaded)
        problems = [*self._loaded.problems, *self._problems]
        return Checked(
            loaded=self._loaded,
            tasks=found_tasks,
            loggers=found_loggers,
            extensions=found_extensions,
            checkpointer=found_checkpointer or Checkpointer,
            executors=found_executors,
            executor_of=executor_of,
            machine_pools=machine_pools,
            secrets=found_secrets,
            filled=filled,
            announced=self._announced,
            problems=tuple(sorted(problems, key=self._order)),
            warnings=tuple(self._warnings()),
        )

    def _tasks(self, found_executors: Mapping[str, type[Executor]]) -> dict[str, type[Task]]:
        found = {}
        for name, task in self._definition.tasks.items():
            if task.is_group:
                continue
            executor = self._executor_without_classes(task, found_executors)
            if cls := self._named(tasks, ("tasks", name), task, may_lack=executor is not None):
                found[name] = cls
            elif executor is not None:
                self._elsewhere[name] = executor
        self._take_defaults(found)
        self._take_expressions(found)
        for name, cls in found.items():
            parameters = self._definition.tasks[name].parameters
            self._check_parameters(Use(("tasks", name), f"task `{plain(name)}`", cls, parameters))
        return found

    def _executor_without_classes(
        self, task: TaskDefinition, found: Mapping[str, type[Executor]]
    ) -> type[Executor] | None:
        """The executor of a task if its workers may know tasks that have no class here."""
        name = task.executor
        if self._is_blind or name is None or name in _ON_THIS_MACHINE:
            return None
        cls = found.get(name)
        if cls is None and name not in self._definition.executors:
            cls = bundled_class("executor", name)
        return cls if cls is not None and not cls.needs_class else None

    def _ask_elsewhere(self, filled: Mapping[KeyPath, Mapping[str, Any]]) -> None:
        """Only a job with tasks that have no class here imports what asks for them."""
        if not self._elsewhere:
            return
        from .elsewhere import Elsewhere

        asked = Elsewhere(self._loaded, self._definition, filled, self._suggestions)
        self._problems += asked.problems(self._elsewhere)
        self._remarks += asked.remarks
        self._announced = asked.announced

    def _take_defaults(self, classes: Mapping[str, type[Task]]) -> None:
        """What the decorators of the classes say counts from here on, where the job file says nothing."""
        if not any(map(has_defaults, set(classes.values()))):
            return
        from .decorators import decorator_problems, take_defaults

        self._problems += decorator_problems(classes, self._discovery)
        self._loaded = take_defaults(self._loaded, classes, self._discovery)
        self._definition = self._loaded.definition or self._definition
        self._origins = self._loaded.origins

    def _take_expressions(self, classes: Mapping[str, type[Task]]) -> None:
        """Tasks come after those that their expressions name. Only a job with expressions imports what reads them."""
        places = expression_places(self._definition.tasks, self._definition.vars)
        if not places:
            return
        from ..expressions.implied import with_implied
        from .declarations import Declarations
        from .references import References

        flat = with_implied(self._loaded.flat, places)
        definition = self._definition.model_copy(update={"tasks": flat.tasks})
        self._loaded = replace(self._loaded, flat=flat, definition=definition)
        self._definition = definition
        declarations = Declarations(self._discovery)
        references = References(self._loaded, classes, declarations, self._discovery.shown, self._suggestions)
        for place in places:
            self._problems += references.problems(place)

    def _section(self, registry: Registry[P], section: str, plugins: Mapping[str, Plugin]) -> dict[str, type[P]]:
        found = {}
        for name, plugin in plugins.items():
            if cls := self._class(registry, (section, name), f"{registry.kind} `{plain(name)}`", plugin):
                found[name] = cls
        return found

    def _class(self, registry: Registry[P], path: KeyPath, title: str, named: Plugin) -> type[P] | None:
        cls = self._named(registry, path, named)
        if cls is not None:
            self._take_part(Use(path, title, cls, named.parameters))
        return cls

    def _take_part(self, use: Use) -> None:
        """Parameters in which secrets are named are checked when their values are known."""
        if use.path[0] == "secrets" or not paths_of_expressions(use.parameters):
            self._check_parameters(use)
            return
        from .part_parameters import PartParameters

        part = PartParameters(use.path, use.parameters, self._origins)
        if problems := list(part.problems()):
            self._problems += problems
        else:
            self._parts[use.path] = (use, part)

    def _filled(self, secrets: SecretValues | None) -> dict[KeyPath, Mapping[str, Any]]:
        filled: dict[KeyPath, Mapping[str, Any]] = {}
        for path, (use, part) in self._parts.items():
            try:
                filled[path] = part.filled(secrets or {})
            except ExpressionError:  # no such secret: that is told
                continue
            if (error := use._replace(parameters=filled[path]).error()) is not None:
                found = self._parameters.problems(use, error)
                self._problems += [_hidden(problem, secrets) for problem in found] if secrets else found
        return filled

    def _named(
        self, registry: Registry[P], path: KeyPath, named: Plugin | TaskDefinition, *, may_lack: bool = False
    ) -> type[P] | None:
        key = (*path, registry.kind)
        return None if self._doubts.cover(key) else self._found(registry, named.variant, key, may_lack=may_lack)

    def _found(self, registry: Registry[P], name: str, path: KeyPath, *, may_lack: bool = False) -> type[P] | None:
        return None if self._is_blind else self._variants.of(registry, name, path, may_lack=may_lack)

    def _check_parameters(self, use: Use) -> None:
        if (error := use.error()) is not None:
            self._problems += self._parameters.problems(use, error)

    @cached_property
    def _parameters(self) -> Parameters:
        """Only a job with mistakes in its parameters needs it."""
        from .declarations import Declarations
        from .parameters import Parameters

        return Parameters(self._loaded, Declarations(self._discovery), self._suggestions)

    def _executor_of(self, classes: Mapping[str, type[Task]], found: dict[str, type[Executor]]) -> dict[str, str]:
        """The executor of each task; those that stand under no name in the file are added to `found`."""
        names = {}
        known = dict.fromkeys([*self._definition.executors, *BUNDLED["executor"]])
        for task_name, task in self._definition.tasks.items():
            path, cls = ("tasks", task_name, "executor"), classes.get(task_name)
            if self._doubts.cover(path) or (cls is None and task.executor is None):
                continue
            name = names[task_name] = executor_name(task, cls)
            if name not in known:
                from .unknown import unknown

                self._problems += unknown(self._loaded, self._suggestions, "executor", name, path, known)
            elif name not in self._definition.executors and (executor := self._found(executors, name, path)):
                if name not in found and name not in _ON_THIS_MACHINE:
                    self._check_parameters(Use(path, f"executor `{plain(name)}`", executor, {}))
                found[name] = executor
        return names

    def _machine_pools(self) -> dict[str, int]:
        """Only a job that names a pool that is not its own imports what looks for it."""
        own = self._definition.pools
        asked = {name: it.pool for name, it in self._definition.tasks.items() if it.pool and it.pool not in own}
        if not asked:
            return {}
        from .pools import machine_pools

        found, problems = machine_pools(asked, self._loaded, own, self._settings, self._suggestions)
        self._problems += problems
        return found

    def _secrets(self) -> SecretValues | None:
        """Only a job that names secrets imports what has to do with them."""
        definition = self._definition
        uses = list(secret_uses(definition.tasks, definition.vars))
        uses += (found for _, part in self._parts.values() for found in part.uses())
        if self._is_blind or (not uses and not definition.secrets):
            return None
        from ..secrets.secrets import sources
        from .secrets import SecretSearch, named_sources, our_sources

        named = named_sources(self._section(sources, "secrets", definition.secrets), definition.secrets)
        may_lack = len(named) < len(definition.secrets) or any(self._doubts.names_below(("secrets",)))
        asked = {**our_sources(), **named}
        for source in asked.values():
            source.settle(self._discovery.root)
        search = SecretSearch(asked, self._origins, self._discovery.shown, self._problems.append)
        return search.values(uses, may_lack=may_lack)

    def _unusable(self) -> None:
        for one in self._discovery.unusable:
            place, spelled = self._origins.value(one.path), self._origins.spelled(one.path)
            self._problems.append(Problem(one.code, one.message, place, spelled))

    def _warnings(self) -> Iterator[Problem]:
        yield from self._loaded.warnings
        yield from self._remarks
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


def _hidden(problem: Problem, secrets: SecretValues) -> Problem:
    """The class that refuses a value may tell it."""
    return replace(problem, message=secrets.mask.text(problem.message), label=secrets.mask.text(problem.label))
