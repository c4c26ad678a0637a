"""References: what is wrong with the expressions of a job, as far as it can be told before the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from ..errors import ExpressionError
from ..expressions.implied import references_at
from ..expressions.mismatch import mismatch
from ..expressions.plain_types import UNKNOWN, shown_type
from ..expressions.reference import ROOTS, RUN, Reference
from ..expressions.scope import why_unknown
from ..expressions.type_steps import NoSuchPart
from ..jobdefinition import Loaded
from ..jobdefinition.expression_places import ExpressionPlace, place_in_text
from ..jobdefinition.keypath import spelled
from ..jobdefinition.wording import plain
from ..problem import Problem
from .declarations import Declarations
from .result_types import ResultTypes
from .suggestions import Suggestions, did_you_mean, listed
from .wanted_types import wanted_type

_Kinds = tuple[Any, ...]


class References:
    """Goes through the expressions of a job. Needed only for jobs that have some."""

    def __init__(
        self,
        loaded: Loaded,
        classes: Mapping[str, type[BaseModel]],
        declarations: Declarations,
        shown: Callable[[str], str],
        suggestions: Suggestions,
    ) -> None:
        self._origins = loaded.origins
        self._doubts = loaded.doubts
        self._flat = loaded.flat
        self._classes = classes
        of_job = loaded.definition.vars if loaded.definition is not None else {}
        self._variables = {**of_job, **loaded.variables}
        self._declarations = declarations
        self._shown = shown
        self._suggestions = suggestions
        self._fitting: set[_Kinds | None] = set()
        self._results = ResultTypes(loaded.flat, classes)

    def problems(self, place: ExpressionPlace) -> Iterator[Problem]:
        """Everything that is wrong with the expressions of one text."""
        if self._doubts.touch(place.full):
            return
        try:
            references = references_at(place)
        except ExpressionError as error:
            yield self._problem("FR303", place, str(error), _first_expression(place.text))
            return
        for reference in references:
            found = self._of_task(place, reference) if reference.root == "tasks" else self._of_name(place, reference)
            if found is not None:
                yield found

    def _of_name(self, place: ExpressionPlace, reference: Reference) -> Problem | None:
        root = reference.root
        if root not in ROOTS:
            near = self._suggestions.nearest(root, "root", ROOTS)
            return self._problem("FR305", place, why_unknown(root), reference.text, did_you_mean(near))
        if root in ("item", "matrix") and not self._has_items(place, root):
            return self._problem("FR305", place, why_unknown(root), reference.text)
        if root == "run" and reference.steps and not reference.may_lack and reference.steps[0] not in RUN:
            near = self._suggestions.nearest(str(reference.steps[0]), "run", RUN)
            message = f"`run` has no `{plain(reference.steps[0])}`; it has: {', '.join(RUN)}"
            return self._problem("FR305", place, message, reference.text, did_you_mean(near))
        if root == "vars" and reference.steps and not reference.may_lack:
            return self._of_variable(place, reference, str(reference.steps[0]))
        return None

    def _has_items(self, place: ExpressionPlace, root: str) -> bool:
        if not place.task or place.path[0] in ("when", "foreach", "matrix"):
            return False
        task = self._flat.tasks[place.task]
        return (task.foreach if root == "item" else task.matrix) is not None

    def _of_variable(self, place: ExpressionPlace, reference: Reference, name: str) -> Problem | None:
        known = self._flat.vars_of(place.task, self._variables) if place.task else self._variables
        if name in known or self._doubts.may_hide(("vars", name)):
            return None
        near = self._suggestions.nearest(name, f"variable of {place.task}", known)
        here = f"variables here: {listed(map(plain, known))}" if known else "there is no section `vars`"
        message = f"no variable is named `{plain(name)}`"
        notes = (here, f"it stands under `vars:`, or is given with `--var {plain(name)}=VALUE`")
        return self._problem("FR306", place, message, reference.text, did_you_mean(near), notes)

    def _of_task(self, place: ExpressionPlace, reference: Reference) -> Problem | None:
        if not place.task:
            message = "`vars` of the job are there before any task: they cannot refer to one"
            return self._problem("FR305", place, message, reference.text)
        full = self._flat.resolve(place.task, reference.task)
        if full is None:
            return self._of_no_task(place, reference)
        if full == place.task or full not in self._flat.tasks:  # a ring, or a task that was left out for a mistake
            return None
        kinds = self._kinds(place, reference, full)
        if kinds in self._fitting:
            return None
        problem = self._of_result(place, reference, full)
        if problem is None and kinds is not None:
            self._fitting.add(kinds)
        return problem

    def _of_result(self, place: ExpressionPlace, reference: Reference, full: str) -> Problem | None:
        try:
            given = str if reference.attribute == "state" else self._results.after(full, reference.steps)
        except NoSuchPart as error:
            return None if reference.may_lack else self._of_no_part(place, reference, full, error)
        return self._of_type(place, reference, full, given) if reference.is_whole else None

    def _kinds(self, place: ExpressionPlace, reference: Reference, full: str) -> _Kinds | None:
        """What decides whether a reference fits; None for groups, each of which is of its own kind."""
        task = self._flat.tasks[full]
        if not reference.is_whole or task.is_group:
            return None
        producer, consumer = self._classes.get(full), self._classes.get(place.task)
        return (producer, task.is_fan, reference.attribute, reference.steps, consumer, place.path)

    def _of_no_task(self, place: ExpressionPlace, reference: Reference) -> Problem | None:
        name = reference.task
        if self._doubts.may_hide(("tasks", name)):
            return None
        near = self._suggestions.nearest(name, "task", self._flat.tasks)
        notes = () if near else (f"tasks here: {listed(map(plain, self._flat.tasks))}",)
        return self._problem(
            "FR304", place, f"no task is named `{plain(name)}`", reference.text, did_you_mean(near), notes
        )

    def _of_no_part(self, place: ExpressionPlace, reference: Reference, full: str, error: NoSuchPart) -> Problem:
        steps = reference.steps[: error.number]
        what = f"`{_written(reference, steps)}`" if steps else f"the result of task `{plain(reference.task)}`"
        declared = self._results.declared(full, self._shown)
        return self._problem("FR210", place, f"{what} {error}", reference.text, notes=declared)

    def _of_type(self, place: ExpressionPlace, reference: Reference, full: str, given: Any) -> Problem | None:
        wanted = self._wanted(place)
        reason = mismatch(given, wanted)
        if not reason:
            return None
        message = f"{self._taker(place, wanted)}, and `{reference.text}` is {shown_type(given)}"
        because = () if reason.count(" is no ") < 2 else (reason,)
        declared = self._results.declared(full, self._shown) if reference.attribute == "result" else ()
        cls = self._classes.get(place.task)
        note = self._declarations.note(cls, place.path[1:]) if cls and place.path[0] == "parameters" else None
        notes = (*because, *filter(None, [note]), *declared)
        return self._problem("FR211", place, message, reference.text, notes=notes)

    def _wanted(self, place: ExpressionPlace) -> Any:
        """The type of what may stand at a place."""
        key, *rest = place.path
        if key == "foreach" and rest in ([], ["items"]):
            return list[Any] | dict[Any, Any]
        if key == "matrix" and len(rest) == 1:
            return list[Any]
        cls = self._classes.get(place.task)
        return UNKNOWN if key != "parameters" or cls is None else wanted_type(cls, tuple(rest))

    def _taker(self, place: ExpressionPlace, wanted: Any) -> str:
        """The beginning of the sentence about what does not fit."""
        key, *rest = place.path
        if key == "foreach":
            return "`foreach` takes a list or a mapping"
        if key == "matrix":
            return "an axis of `matrix` takes a list"
        name = self._classes[place.task].__name__
        return f"parameter `{plain(spelled(rest))}` of {name} takes {shown_type(wanted)}"

    def _problem(
        self,
        code: str,
        place: ExpressionPlace,
        message: str,
        fragment: str,
        label: str = "",
        notes: tuple[str, ...] = (),
    ) -> Problem:
        title = f"task `{plain(place.task)}`: " if place.task else ""
        if self._origins.is_tainted(place.full):  # what is taken from the environment is not shown
            from ..error_codes import ERROR_CODES

            message, fragment, label, notes = ERROR_CODES[code].title, "", "", ()
        through = self._origins.came_through(place.full)
        where = place_in_text(place.full, fragment, self._origins)
        notes = (*notes, through) if through else notes
        return Problem(code, f"{title}{plain(message, 400)}", where, self._origins.spelled(place.full), label, notes)


def _first_expression(text: str) -> str:
    start = text.find("${{")
    end = text.find("}}", start)
    return text[start : end + 2] if 0 <= start < end else text[max(start, 0) :]


def _written(reference: Reference, steps: tuple[str | int, ...]) -> str:
    """The reference as far as `steps` go."""
    return f"tasks.{reference.task}.result" + "".join(f"[{it}]" if isinstance(it, int) else f".{it}" for it in steps)
