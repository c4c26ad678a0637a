"""The course of a job, from its definition as the history keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..usual.course import ALL, Course


def written_course(tasks: Sequence[Sequence[Any]], merged: Mapping[str, Any], given_slots: int | None) -> Course:
    """What the tasks wait for, and the slots that they share; `given_slots` stand above those of the definition."""
    written = dict(_written(merged.get("tasks"), ""))
    parents = {task[0]: task[3] for task in tasks if task[3]}
    groups = {f"group {task[0]}": _width(written.get(task[0])) for task in tasks if task[1] == "group"}
    slots = _whole(_mapping(merged.get("config")).get("max_concurrency")) if given_slots is None else given_slots
    limits = {task[0]: tuple(_limits(task[0], written, parents)) for task in tasks}
    return Course(
        needs=_needs(tasks, parents),
        slots={**_pools(merged), **_positive({ALL: slots, **groups})},
        limits={name: those for name, those in limits.items() if those},
        widths=_positive({task[0]: _width(written.get(task[0])) for task in tasks if task[1] == "items"}),
        after_failure=frozenset(name for name, task in written.items() if task.get("run_if") == "failure"),
    )


def _needs(tasks: Sequence[Sequence[Any]], parents: Mapping[str, str]) -> dict[str, Sequence[str]]:
    """What each task waits for: its dependencies and those of the groups that it is in; groups for their members."""
    own = {task[0]: task[6] for task in tasks}
    needs = {name: list(dependencies) for name, dependencies in own.items()}
    for name in own:
        for group in _around(name, parents):
            needs[name] += own.get(group, ())
        if name in parents and parents[name] in needs:
            needs[parents[name]].append(name)
    return {name: [one for one in dict.fromkeys(found) if one in own] for name, found in needs.items()}


def _around(name: str, parents: Mapping[str, str]) -> Iterator[str]:
    while (group := parents.get(name)) is not None:
        yield group
        name = group


def _written(tasks: Any, above: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What stands in the definition of each task, by its full name."""
    for name, task in _mapping(tasks).items():
        if isinstance(task, Mapping):
            yield f"{above}{name}", task
            yield from _written(task.get("serial") or task.get("parallel"), f"{above}{name}/")


def _limits(name: str, written: Mapping[str, Mapping[str, Any]], parents: Mapping[str, str]) -> Iterator[str]:
    if isinstance(pool := written.get(name, {}).get("pool"), str):
        yield f"pool {pool}"
    yield from (f"group {group}" for group in _around(name, parents))


def _pools(merged: Mapping[str, Any]) -> dict[str, int]:
    pools = _mapping(merged.get("pools"))
    return _positive({f"pool {name}": _whole(_mapping(pool).get("slots", pool)) for name, pool in pools.items()})


def _width(task: Mapping[str, Any] | None) -> int:
    return _whole(_mapping(task).get("max_concurrency"))


def _positive(numbers: Mapping[str, int]) -> dict[str, int]:
    return {name: number for name, number in numbers.items() if number > 0}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _whole(value: Any) -> int:
    """The number; 0 for what is none, as for a value that comes from the environment."""
    return value if isinstance(value, int) else 0
