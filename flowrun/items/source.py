"""Source: from what a job file says under `foreach` or `matrix` to the items."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import ItemsError
from ..jobdefinition.task_definition import TaskDefinition
from .form import Form, form_of, has_open_parts, is_open
from .items import Items
from .listed import in_memory


def items_of(definition: TaskDefinition, value: Any, *, root: Path) -> Items:
    """The items of a task. `value` is its `foreach` or `matrix` with expressions filled in; files begin at `root`.

    Raises ItemsError for anything that is no list, mapping or readable file, and for keys that are missing or doubled.
    """
    if definition.matrix is not None:
        from .matrix import combinations_of

        return combinations_of(value)
    form = form_of(value, definition.foreach)
    if form.file is not None:
        from .file import items_in

        return items_in(root / form.file, form)
    return in_memory(form.value, form.key)


def refuse_literals(definition: TaskDefinition) -> None:
    """Raise ItemsError for what is wrong whatever expressions give and files hold. `steps` of it lead to the place."""
    if definition.matrix is not None:
        from .matrix import refuse_bad_matrix

        refuse_bad_matrix(definition.matrix)
        return
    form = form_of(definition.foreach, definition.foreach)
    if form.file is not None:
        _refuse_bad_file(form)
    elif not is_open(form.value):
        _refuse_bad_value(form, ("items",) if form.value is not definition.foreach else ())


def _refuse_bad_file(form: Form) -> None:
    if form.key is not None and form.format == "lines":
        raise ItemsError("lines have no fields, so none can be the key", ("key",))


def _refuse_bad_value(form: Form, steps: tuple[str, ...]) -> None:
    key = None if has_open_parts(form.value) else form.key
    try:
        in_memory(form.value, key)
    except ItemsError as error:
        where = error.steps if error.steps == ("key",) else (*steps, *error.steps)
        raise ItemsError(str(error), where) from None


def known_number(definition: TaskDefinition) -> int | None:
    """For how many items a task is performed, if the job file alone says it.

    Asked of one that `refuse_literals` has not refused.
    """
    if definition.matrix is not None:
        from .matrix import combinations_of

        return None if has_open_parts(definition.matrix) else len(combinations_of(definition.matrix))
    form = form_of(definition.foreach, definition.foreach)
    return None if form.file is not None or is_open(form.value) else len(in_memory(form.value, None))
