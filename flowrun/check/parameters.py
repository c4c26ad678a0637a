"""Parameters: what is wrong with what a job file gives to a class, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from ..jobdefinition import Loaded
from ..jobdefinition.keypath import KeyPath, spelled
from ..jobdefinition.wording import found, plain
from ..problem import Place, Problem
from .declarations import Declarations, models_at
from .later import has_later, told_now
from .mistakes import Mistake, mistakes
from .suggestions import Suggestions, did_you_mean, listed
from .use import Use


class Parameters:
    """Says what is wrong with parameters that their class does not take. Needed only for jobs with such mistakes."""

    def __init__(self, loaded: Loaded, declarations: Declarations, suggestions: Suggestions) -> None:
        self._origins = loaded.origins
        self._doubts = loaded.doubts
        self._declarations = declarations
        self._suggestions = suggestions

    def problems(self, use: Use, error: BaseException) -> list[Problem]:
        """Every mistake in the parameters of `use`. `error` is what making an object raised."""
        if lacking := getattr(use.cls, "__abstractmethods__", ()):
            names = listed(f"`{name}`" for name in sorted(lacking))
            return [self._problem("FR410", f"{use.title}: class {use.cls.__name__} lacks {names}", use.path)]
        if not isinstance(error, ValidationError):
            is_certain = not has_later(use) and not self._doubts.may_hide((*use.path, "parameters"))
            return [self._refused(use, error)] if is_certain else []
        errors = told_now(use, error.errors(include_url=False, include_input=False))
        found = mistakes(errors, use.parameters)
        return [self._described(use, mistake) for mistake in found if self._is_news(use, mistake)]

    def _is_news(self, use: Use, mistake: Mistake) -> bool:
        """It does not follow from a mistake that was told while loading."""
        path = (*use.path, "parameters", *mistake.keys)
        return not (self._doubts.may_hide(path) if mistake.kind == "missing" else self._doubts.touch(path))

    def _described(self, use: Use, mistake: Mistake) -> Problem:
        match mistake.kind:
            case "missing":
                return self._missing(use, mistake.keys)
            case "extra_forbidden":
                return self._unknown(use, mistake.keys)
        return self._wrong(use, mistake)

    def _missing(self, use: Use, keys: KeyPath) -> Problem:
        full = (*use.path, "parameters", *keys)
        near = full[:-1] if use.parameters else use.path
        message = f"{use.title}: {use.cls.__name__} needs the parameter `{self._name(use, keys)}`"
        problem = self._problem("FR209", message, near, notes=self._declared(use, keys))
        return replace(problem, path=self._origins.spelled(full))

    def _unknown(self, use: Use, keys: KeyPath) -> Problem:
        models = models_at(use.cls, keys[:-1])
        known = [field.alias or name for model in models for name, field in model.model_fields.items()]
        near = self._suggestions.nearest(str(keys[-1]), f"parameter of {models}", known)
        message = f"{use.title}: {use.cls.__name__} has no parameter `{self._name(use, keys)}`"
        takes = f"parameters here: {listed(known)}" if known else f"{use.cls.__name__} takes no parameters"
        notes = (takes,) if models else ()
        return self._problem("FR208", message, (*use.path, "parameters", *keys), did_you_mean(near), notes)

    def _wrong(self, use: Use, mistake: Mistake) -> Problem:
        path = (*use.path, "parameters", *mistake.keys)
        name = f"parameter `{self._name(use, mistake.keys)}`" if mistake.keys else "the parameters"
        what = f"{name} of {use.cls.__name__}"
        if mistake.said:
            message = f"{use.title}: {what}: {self._masked(mistake.said, use)}"
        else:
            key = "the key of " if mistake.is_about_key else ""
            message = f"{use.title}: {key}{what} must be {mistake.expected}"
        label = self._found(use, mistake) if mistake.keys else ""
        return self._problem("FR207", message, path, label, self._declared(use, mistake.keys))

    def _refused(self, use: Use, error: BaseException) -> Problem:
        path = (*use.path, "parameters")
        try:
            text = self._masked(str(error), use)
        except Exception:  # its `__str__` is the user's code
            text = "(its message cannot be shown)"
        message = f"{use.title}: checking the parameters of {use.cls.__name__} raised {type(error).__name__}: {text}"
        return self._problem("FR207", message, path if use.parameters else use.path)

    def _found(self, use: Use, mistake: Mistake) -> str:
        path = (*use.path, "parameters", *mistake.keys)
        if mistake.is_about_key:
            return found(self._origins.steps(path)[-1])
        value: Any = use.parameters
        for key in mistake.keys:
            value = value[key]
        if self._origins.is_tainted(path) and not isinstance(value, Mapping | list | tuple):
            return found(self._origins.shown(path))
        if isinstance(value, int | float) and not isinstance(value, bool) and "text" in mistake.expected.split():
            return f"{found(value)}: write it in quotes"
        return found(value)

    def _masked(self, text: str, use: Use) -> str:
        """What the user's own code says, without the parameters that come from the environment."""
        text = text.strip().partition("\n")[0]
        path = (*use.path, "parameters")
        if self._origins.is_tainted(path):
            for leaf, value in _leaves(path, use.parameters):
                if self._origins.is_tainted(leaf) and str(value):
                    text = text.replace(str(value), self._origins.shown(leaf))
        return plain(text, 300)

    def _declared(self, use: Use, keys: KeyPath) -> tuple[str, ...]:
        note = self._declarations.note(use.cls, keys)
        return (note,) if note else ()

    def _name(self, use: Use, keys: KeyPath) -> str:
        return spelled(self._origins.steps((*use.path, "parameters", *keys))[-len(keys) :])

    def _problem(self, code: str, message: str, path: KeyPath, label: str = "", notes: tuple[str, ...] = ()) -> Problem:
        through = self._origins.came_through(path)
        notes = (*notes, through) if through else notes
        return Problem(code, message, self._place(code, path), self._origins.spelled(path), label, notes)

    def _place(self, code: str, path: KeyPath) -> Place:
        return self._origins.value(path) if code == "FR207" else self._origins.key(path)


def _leaves(path: KeyPath, value: Any) -> Iterator[tuple[KeyPath, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves((*path, key), inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _leaves((*path, index), inner)
    else:
        yield path, value
