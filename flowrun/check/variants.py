"""Variants: the class that each name in a job means."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from ..bundled import BUNDLED
from ..discovery import BrokenModule, Discovery, find, load_plugins
from ..jobdefinition import Loaded
from ..jobdefinition.keypath import KeyPath
from ..jobdefinition.wording import plain
from ..problem import Problem
from ..registry import Entry, Registry
from .suggestions import Suggestions, listed

T = TypeVar("T")

MAX_MODULES = 2
"""Broken modules shown beside a class that was not found."""


class _Answer(NamedTuple):
    """What a name means: a class, or why there is none; neither if it may be where nobody could look."""

    cls: type[Any] | None
    code: str = ""
    message: str = ""
    notes: tuple[str, ...] = ()


class Variants:
    """Looks up the classes that a job names, each name once."""

    def __init__(
        self,
        discovery: Discovery,
        loaded: Loaded,
        suggestions: Suggestions,
        report: Callable[[Problem], None],
        own: Mapping[str, Entry[Any]] = {},
    ) -> None:
        """`own` are the task classes that the job brings itself."""
        self._own = own
        self._report = report
        self._discovery = discovery
        self._origins = loaded.origins
        self._looked_everywhere = not discovery.unusable and not any(
            loaded.doubts.may_hide(("config", key)) for key in ("extension_directories", "extension_packages")
        )
        self._suggestions = suggestions
        self._answers: dict[tuple[str, str], _Answer] = {}
        self._searched: dict[str, tuple[str, ...]] = {}

    @property
    def misses_some(self) -> bool:
        """A class was not found: a module that is broken may be the reason."""
        return bool(self._searched)

    def of(self, registry: Registry[T], name: str, path: KeyPath, *, may_lack: bool = False) -> type[T] | None:
        """The class that `name`, written at `path`, means. None, or more than one, is reported as a problem.

        With `may_lack` it is no problem if there is none.
        """
        answer = self._answers.get((registry.kind, name))
        if answer is None:
            answer = self._answers[registry.kind, name] = self._asked(registry, name)
        if answer.code and not (may_lack and answer.code == "FR402"):
            shown = self._origins.shown(path) if self._origins.is_tainted(path) else name
            message = answer.message.format(plain(shown))
            place, spelled = self._origins.value(path), self._origins.spelled(path)
            self._report(Problem(answer.code, message, place, spelled, notes=answer.notes))
        return answer.cls

    def _asked(self, registry: Registry[T], name: str) -> _Answer:
        if registry.kind == "task" and name in self._own:
            return self._made(self._own[name])
        entries = find(registry, name, self._discovery)
        if len(entries) == 1:
            return self._made(entries[0])
        if entries:
            places = " and ".join(self._place(entry) for entry in entries)
            what = "task classes or functions" if registry.kind == "task" else f"{registry.kind} classes"
            message = f"{len(entries)} {what} are called `{{}}`"
            return _Answer(None, "FR403", message, (f"in {places}", "rename one of them"))
        if registry.kind not in self._searched:
            self._searched[registry.kind] = tuple(self._where(registry))
        known = {entry.name: entry for entry in registry if self._discovery.has(entry)}
        known |= self._own if registry.kind == "task" else {}
        names = dict.fromkeys([*known, *BUNDLED.get(registry.kind, ())])
        from .undecorated import undecorated

        hint = undecorated(name, registry.kind, self._discovery, {self._place(it): it.name for it in known.values()})
        if hint is None and not self._looked_everywhere:
            return _Answer(None)
        hint = hint or self._near(registry.kind, name, names, known)
        what = "task class or function" if registry.kind == "task" else f"{registry.kind} class"
        message = f"no {what} is called `{{}}`"
        return _Answer(None, "FR402", message, (hint, *self._searched[registry.kind]))

    def _made(self, entry: Entry[Any]) -> _Answer:
        try:
            return _Answer(entry.cls)
        except Exception as error:  # the types and defaults in the signature of a function are the user's code
            said = plain(str(error).strip().partition("\n")[0], 300).replace("{", "{{").replace("}", "}}")
            return _Answer(None, "FR412", f"`{{}}` cannot be a task: {said}", (f"in {self._place(entry)}",))

    def _near(self, kind: str, name: str, names: Collection[str], known: Mapping[str, Entry[Any]]) -> str:
        near = self._suggestions.nearest(name, kind, names)
        if near is None:
            return f"there are: {listed(names)}" if names else f"there is no {kind} class at all"
        where = f" ({self._place(known[near])})" if near in known else ""
        return f"did you mean `{near}`{where}?"

    def _where(self, registry: Registry[T]) -> Iterator[str]:
        """Where was searched, and what could not be."""
        shown, broken = self._discovery.shown, self._discovery.broken
        searched = [f"{shown(path)}/ ({self._count(registry, path)})" for path in self._discovery.directories]
        searched += [f"package {package}" for package in self._discovery.packages]
        none = f"there is no directory tasks/, extensions/ or loggers/ in {self._discovery.root}"
        sentence = f"searched {', '.join(searched)}" if searched else none
        failures = [f"  {line}" for line in (*map(self._broken, broken), *load_plugins())]
        if not failures:
            yield sentence
        else:
            yield f"{sentence}; {len(failures)} module{'s' * (len(failures) > 1)} could not be imported:"
            yield from failures[:MAX_MODULES]
        if self._discovery.left_out:
            yield f"not imported, because the name is no module name: {listed(map(shown, self._discovery.left_out))}"

    def _count(self, registry: Registry[T], path: str) -> str:
        below = os.path.join(path, "")
        count = sum(entry.origin.file.startswith(below) and self._discovery.has(entry) for entry in registry)
        if registry.kind == "task":
            return f"{count} task{'s' * (count != 1)}"
        return f"{count} {registry.kind} class{'es' * (count != 1)}"

    def _broken(self, module: BrokenModule) -> str:
        shown = self._discovery.shown
        through = f" (imported by {shown(module.file)})" if module.file != module.place.file else ""
        return f"{shown(str(module.place))}  {module.error}{through}"

    def _place(self, entry: Entry[T]) -> str:
        return self._discovery.shown(str(entry.origin))
