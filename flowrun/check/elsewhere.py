"""Elsewhere: tasks that have no class in the project, because workers on other machines know their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..executors.executor import Executor
from ..jobdefinition import JobDefinition, Loaded
from ..jobdefinition.expression_places import paths_of_expressions
from ..jobdefinition.keypath import KeyPath
from ..jobdefinition.wording import found, plain
from ..problem import Problem
from .suggestions import Suggestions, did_you_mean, listed


class Elsewhere:
    """Asks the workers that are alive what they offer, and compares parameters with what they announce."""

    def __init__(
        self,
        loaded: Loaded,
        definition: JobDefinition,
        filled: Mapping[KeyPath, Mapping[str, Any]],
        suggestions: Suggestions,
    ) -> None:
        """`filled` are the parameters of executors in which secrets are named, with their values."""
        self.remarks: list[Problem] = []
        """What a person should know: workers may still come."""
        self.announced: dict[str, Mapping[str, Any]] = {}
        """The JSON Schema of the parameters, by the name that the job gives to a task's class."""
        self._origins = loaded.origins
        self._definition = definition
        self._filled = filled
        self._suggestions = suggestions

    def problems(self, executor_of: Mapping[str, type[Executor]]) -> Iterator[Problem]:
        """What is wrong with the parameters of tasks, given the class of the executor of each."""
        by_name: dict[str, Mapping[str, Any] | None] = {}
        for name, cls in executor_of.items():
            executor = str(self._definition.tasks[name].executor)
            if executor not in by_name:
                by_name[executor] = self._offers(executor, cls)
                if by_name[executor] is None:
                    self._note_silence(name, executor)
            offered = by_name[executor]
            if offered is not None:
                yield from self._of_task(name, executor, offered)

    def _offers(self, executor: str, cls: type[Executor]) -> Mapping[str, Any] | None:
        plugin = self._definition.executors.get(executor)
        parameters = self._filled.get(("executors", executor), plugin.parameters if plugin else {})
        try:
            return cls.model_validate(dict(parameters)).offers()
        except ValueError:  # its parameters are wrong: that is told where they stand
            return {}

    def _note_silence(self, task: str, executor: str) -> None:
        self._note(task, f"the workers of executor `{plain(executor)}` cannot be asked now what they offer")

    def _note(self, task: str, message: str) -> None:
        path = ("tasks", task, "executor")
        self.remarks.append(
            Problem(
                "FR416",
                message,
                self._origins.value(path),
                self._origins.spelled(path),
                notes=("the task has no class in the project: only workers could say which parameters it takes",),
            )
        )

    def _of_task(self, name: str, executor: str, offered: Mapping[str, Any]) -> Iterator[Problem]:
        task, path = self._definition.tasks[name], ("tasks", name)
        if task.variant not in offered:
            near = self._suggestions.nearest(task.variant, f"task of {executor}", offered)
            there = f"they offer: {listed(offered)}" if offered else "no worker is alive"
            message = (
                f"task `{plain(name)}`: no worker of executor `{plain(executor)}` offers `{plain(task.variant)}` now"
            )
            key = (*path, "task")
            place, spelled = self._origins.value(key), self._origins.spelled(key)
            self.remarks.append(Problem("FR415", message, place, spelled, did_you_mean(near), (there,)))
        elif (schema := offered[task.variant]) is not None:
            try:
                misfits = [
                    replace(it, notes=(*it.notes, _announced(executor, schema))) for it in self._misfits(name, schema)
                ]
            except Exception:  # it is a stranger's schema, and may be anything
                said = f"what the workers of executor `{plain(executor)}` announce of `{plain(task.variant)}`"
                self._note(name, f"{said} cannot be read")
            else:
                self.announced[task.variant] = schema
                yield from misfits

    def _misfits(self, name: str, schema: Mapping[str, Any]) -> Iterator[Problem]:
        from jsonschema.validators import validator_for
        from referencing import Registry

        task = self._definition.tasks[name]
        later = paths_of_expressions(task.parameters)
        cls = validator_for(schema)
        if task.variant not in self.announced:
            cls.check_schema(dict(schema))
        validator = cls(schema, registry=Registry())  # which fetches nothing from anywhere
        for error in validator.iter_errors(dict(task.parameters)):
            keys: KeyPath = tuple(error.absolute_path)
            if not any(path[: len(keys)] == keys for path in later if keys):
                yield from self._told(name, task.variant, keys, error)

    def _told(self, name: str, variant: str, keys: KeyPath, error: Any) -> Iterator[Problem]:
        title, path = f"task `{plain(name)}`", ("tasks", name, "parameters", *keys)
        if error.validator == "required":
            for lacking in (key for key in error.validator_value if key not in error.instance):
                near = path if error.instance else ("tasks", name)
                yield self._problem("FR209", f"{title}: {variant} needs the parameter `{plain(lacking)}`", near)
        elif error.validator == "additionalProperties":
            known = list(error.schema.get("properties", ()))
            for extra in (key for key in error.instance if key not in known):
                meant = did_you_mean(self._suggestions.nearest(str(extra), f"parameter of {variant}", known))
                message = f"{title}: {variant} has no parameter `{plain(extra)}`"
                note = f"parameters here: {listed(known)}" if known else f"{variant} takes no parameters"
                yield self._problem("FR208", message, (*path, extra), meant, (note,))
        else:
            what = f"parameter `{plain('.'.join(map(str, keys)))}`" if keys else "the parameters"
            value = found(error.instance) if keys else ""
            message = f"{title}: {what} of {variant} {_wanted(error)}"
            yield self._problem("FR207", message, path, value, (_STAYS_TEXT,) if _is_number_as_text(error) else ())

    def _problem(self, code: str, message: str, path: KeyPath, label: str = "", notes: tuple[str, ...] = ()) -> Problem:
        return Problem(code, message, self._origins.value(path), self._origins.spelled(path), label, notes)


def _announced(executor: str, schema: Mapping[str, Any]) -> str:
    """Who asks for parameters that no class of the project has."""
    by = f": {plain(by, 300)}" if (by := schema.get("$comment")) else ""
    return f"so the workers of executor `{plain(executor)}` announce{by}"


_WORDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "empty",
}


_STAYS_TEXT = "no class makes a number of text here; of a variable, `${{ vars.NAME | int }}` or `| float` does"


def _is_number_as_text(error: Any) -> bool:
    """A class in Python would take it, so it works on this machine and not there."""
    wanted = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
    if error.validator != "type" or not {"integer", "number"} & set(wanted) or not isinstance(error.instance, str):
        return False
    try:
        float(error.instance)
    except ValueError:
        return False
    return True


def _wanted(error: Any) -> str:
    """What the schema says of a value, in words."""
    wanted = error.validator_value
    match error.validator:
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            return f"must be {' or '.join(_WORDS.get(kind, kind) for kind in kinds)}"
        case "enum":
            return f"must be one of {listed(map(str, wanted))}"
        case "minimum":
            return f"must be at least {wanted}"
        case "maximum":
            return f"must be at most {wanted}"
    return f"does not fit what its workers announce: {plain(error.message, 200)}"
