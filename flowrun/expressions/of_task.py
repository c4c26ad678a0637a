"""The expressions of one task, read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..dataclass import dataclass
from ..jobdefinition.task_definition import TaskDefinition
from .condition import Condition, condition_of
from .reference import Reference
from .template import Template, has_expressions, template_of


@dataclass(frozen=True, slots=True)
class TaskExpressions:
    """What of a task is known only when it is due."""

    parameters: Mapping[str, Template]
    """By the name of the parameter in which they stand, at any depth."""
    env: Mapping[str, Template]
    when: Condition | None
    items: Template | None
    """Of `foreach` or `matrix`."""
    declared: Mapping[str, Template]
    """`inputs`, `outputs` and the key of `cache`, under these names."""
    question: Template | None = None
    """What a person is asked."""

    @property
    def references(self) -> Iterator[Reference]:
        """Every reference to a task in them."""
        filled = (*self.parameters.values(), *self.env.values(), self.items, *self.declared.values(), self.question)
        for template in filled:
            yield from () if template is None else template.references
        yield from () if self.when is None else self.when.references


def expressions_of(task: TaskDefinition) -> TaskExpressions | None:
    """What there is to fill in; None if there is nothing. Raises ExpressionError for what cannot be read."""
    parameters = _templates(task.parameters) if task.parameters else {}
    if not parameters and task.when is None and not (task.env or task.is_fan or task.is_examined or task.approve):
        return None
    env = _templates(task.env)
    key = task.cache.key if not isinstance(task.cache, bool) else ()
    items = template_of(task.matrix if task.foreach is None else task.foreach)
    declared = _templates({"inputs": task.inputs, "outputs": task.outputs, "cache": key})
    when = None if task.when is None else condition_of(task.when)
    question = None if task.approve is None else template_of(task.approve.question)
    if not parameters and not env and when is None and items is None and not declared and question is None:
        return None
    return TaskExpressions(parameters, env, when, items, declared, question)


def _templates(values: Mapping[str, Any]) -> dict[str, Template]:
    return {name: Template(value) for name, value in values.items() if has_expressions(value)}
