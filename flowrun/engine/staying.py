"""Staying: whose results may stay with the executor that has them, because nothing here looks into them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from ..jobdefinition.task_definition import TaskDefinition
from .graph import Graph

if TYPE_CHECKING:
    from ..expressions.of_task import TaskExpressions

Resolve = Callable[[str, str], str | None]
"""Gives the full name of what a name means that is written in a task; None if it names no task."""


def staying(
    executor: str,
    executor_of: Mapping[str, str],
    tasks: Mapping[str, TaskDefinition],
    expressions: Mapping[str, TaskExpressions],
    graph: Graph,
    resolve: Resolve,
) -> frozenset[str]:
    """The tasks of an executor whose results are given to others of it only, each as it is, as a whole parameter.

    What nobody reads is what the job is for: it comes home. So does what is examined, or to be performed only once.
    """
    passed_on: set[str] = set()
    looked_into: set[str] = set()
    for reader, found in expressions.items():
        passed: Counter[str] = Counter()
        if executor_of.get(reader) == executor and not tasks[reader].is_examined:
            passed.update(_passed_on(found))
        read = Counter(one.task for one in found.references if one.attribute == "result")
        passed_on |= _tasks(passed, reader, graph, resolve)
        looked_into |= _tasks(read - passed, reader, graph, resolve)
    return frozenset(
        name
        for name in passed_on - looked_into
        if executor_of.get(name) == executor and not (tasks[name].is_examined or tasks[name].at_most_once)
    )


def _passed_on(found: TaskExpressions) -> Iterator[str]:
    for template in found.parameters.values():
        whole = template.whole
        if whole is not None and whole.attribute == "result" and not whole.steps:
            yield whole.task


def _tasks(named: Mapping[str, int], reader: str, graph: Graph, resolve: Resolve) -> set[str]:
    full = {resolve(reader, name) for name in named}
    return graph.within([name for name in full if name is not None])
