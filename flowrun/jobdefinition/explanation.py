"""Explanation: an error as Pydantic gives it, as a problem with its place, what was found, and what is allowed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from flowrun.problem import Problem

from .doubts import Doubts
from .keypath import KeyPath, entry_length, full_name, spelled
from .keys import keys_at
from .origins import Origins
from .wording import expectation, found, nearest, options, plain

Error = Mapping[str, Any]

# A task that is neither one nor a group lacks the key `task`: only the model as a whole can tell.
_MISSING_TASK = "missing_task"

# Each suggestion costs a comparison with every key; nobody reads hundreds.
_MAX_SUGGESTIONS = 100


class Explanation:
    """Explains the errors of one definition. `value` is what was validated."""

    def __init__(self, value: Mapping[Any, Any], origins: Origins) -> None:
        self._value = value
        self._origins = origins
        self.meant: set[KeyPath] = set()
        """The keys that were probably meant by others, which are unknown."""
        self._suggestions = 0

    def of(self, errors: Sequence[Error], doubts: Doubts) -> list[Problem]:
        """A problem for each error that does not follow from what has been told before, which `doubts` has.

        A missing key of which a misspelling is there is not missing.
        """
        explained = [self._of_one(error, doubts) for error in sorted(errors, key=_is_missing)]
        return [problem for problem in explained if problem is not None]

    def _of_one(self, error: Error, doubts: Doubts) -> Problem | None:
        path = self.blamed(error)
        if _is_missing(error):
            return None if path in self.meant or doubts.may_hide(path) else self._missing(path[:-1], path[-1])
        if doubts.cover(path):
            return None
        if error["type"] in ("extra_forbidden", "invalid_key"):
            return self._unknown(path)
        if error["loc"][-1] == "[key]":
            return self._wrong_key(path, error)
        return self._wrong_value(path, error)

    def blamed(self, error: Error) -> KeyPath:
        """The path of what is to blame for an error, or is missing."""
        if error["type"] == _MISSING_TASK:
            return (*self._path(error["loc"]), "task")
        return (*self._path(error["loc"][:-1]), error["loc"][-1]) if _is_missing(error) else self._path(error["loc"])

    def _path(self, loc: Iterable[Any]) -> KeyPath:
        """The path of `loc` in the value, without the labels that Pydantic puts in for the forms of a value."""
        path: list[Any] = []
        value: Any = self._value
        for step in loc:
            if isinstance(value, dict):
                # Pydantic gives keys that are neither text nor whole numbers as text.
                matching = [step] if step in value else [key for key in value if key is not step and str(key) == step]
                if matching:
                    path.append(matching[0])
                    value = value[matching[0]]
            elif isinstance(value, list) and isinstance(step, int):
                path.append(step)
                value = value[step]
        return tuple(path)

    def _unknown(self, path: KeyPath) -> Problem:
        parent, allowed = path[:-1], keys_at(path[:-1])
        near = self._nearest(path[-1], allowed)
        if near:
            self.meant.add((*parent, near))
        name = plain(self._origins.steps(path)[-1])
        message = f"unknown key `{name}`" + (f" in {self._named(parent)}" if parent else "")
        label = f"did you mean `{near}`?" if near else ""
        notes = (f"keys here: {', '.join(allowed)}",) if allowed else ()
        return self._problem("FR104", message, path, label, notes, at_key=True)

    def _missing(self, path: KeyPath, name: str) -> Problem:
        if (path, name) == ((), "tasks"):
            return no_tasks(self._origins)
        return self._problem("FR106", f"{self._named(path)} has no `{name}`", path, f"`{name}` is needed", at_key=True)

    def _wrong_key(self, path: KeyPath, error: Error) -> Problem:
        if path[-1] == "":
            return self._problem("FR105", f"a key in {self._named(path[:-1])} must not be empty", path, at_key=True)
        message = f"the key `{plain(path[-1])}` in {self._named(path[:-1])} must be {expectation(error)}"
        return self._problem("FR105", message, path, "put it in quotes", at_key=True)

    def _wrong_value(self, path: KeyPath, error: Error) -> Problem:
        value = self._at(path)
        if path == ("tasks",) and value is None:
            return no_tasks(self._origins)
        words = expectation(error)
        label = self._found(path, value) + self._advice(words, path, value, error)
        steps, length = self._origins.steps(path), entry_length(path)
        is_in_task = steps[0] == "tasks" and len(steps) > length
        what = f"{_task(steps[:length])}: `{spelled(steps[length:])}`" if is_in_task else self._named(path)
        return self._problem("FR105", f"{what} must be {words}", path, label)

    def _problem(
        self, code: str, message: str, path: KeyPath, label: str = "", notes: tuple[str, ...] = (), at_key: bool = False
    ) -> Problem:
        place = self._origins.key(path) if at_key and path else self._origins.value(path)
        through = self._origins.came_through(path)
        notes = (*notes, through) if through else notes
        return Problem(code, message, place, self._origins.spelled(path), label, notes)

    def _named(self, path: KeyPath) -> str:
        """What stands at `path` in words, as in "`backoff` of task `load`"."""
        steps = self._origins.steps(path)
        if len(steps) < 2 or steps[0] != "tasks":
            return f"`{spelled(steps)}`" if steps else "the job"
        task, rest = _task(steps[: entry_length(path)]), steps[entry_length(path) :]
        return f"`{spelled(rest)}` of {task}" if rest else task

    def _found(self, path: KeyPath, value: Any) -> str:
        written = self._origins.shown(path)
        if written and self._origins.is_tainted(path):
            return f"found `{plain(written)}`"
        is_filled = isinstance(value, str) and written not in ("", value)
        return found(value) + (f" from `{plain(written)}`" if is_filled else "")

    def _advice(self, words: str, path: KeyPath, value: Any, error: Error) -> str:
        if words == "a list" and isinstance(value, str):
            return f"; write it as a list: `[{plain(self._origins.shown(path))}]`"
        if words == "text" and isinstance(value, int | float):
            return "; put it in quotes"
        if path == ("tasks",) and isinstance(value, list):
            return "; each task stands under its name: `load: {task: Load}`"
        near = self._nearest(value, options(error))
        return f"; did you mean `{near}`?" if near else ""

    def _nearest(self, name: Any, allowed: Collection[str]) -> str | None:
        if not allowed or self._suggestions >= _MAX_SUGGESTIONS:
            return None
        self._suggestions += 1
        return nearest(name, allowed)

    def _at(self, path: KeyPath) -> Any:
        value: Any = self._value
        for step in path:
            value = value[step]
        return value


def no_tasks(origins: Origins) -> Problem:
    """The problem of a job without tasks."""
    label = "it needs at least one under `tasks:`"
    return Problem("FR111", "the job has no tasks", origins.key(("tasks",)), "tasks", label)


def _task(steps: KeyPath) -> str:
    return f"task `{plain(full_name(steps))}`"


def _is_missing(error: Error) -> bool:
    return error["type"] in ("missing", _MISSING_TASK)
