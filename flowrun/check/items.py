"""Items: what is wrong with `foreach` and `matrix`, whatever expressions will give and files hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..jobdefinition import Loaded
from ..jobdefinition.task_definition import TaskDefinition
from ..jobdefinition.wording import plain
from ..problem import Problem


def item_problems(tasks: Mapping[str, TaskDefinition], loaded: Loaded) -> Iterator[Problem]:
    """What is wrong with the items that are written in the job file (FR115)."""
    fans = [name for name, task in tasks.items() if task.foreach is not None or task.matrix is not None]
    if not fans:
        return
    from ..errors import ItemsError
    from ..items import refuse_literals

    for name in fans:
        key = "matrix" if tasks[name].matrix is not None else "foreach"
        if loaded.doubts.touch(("tasks", name, key)):
            continue
        try:
            refuse_literals(tasks[name])
        except ItemsError as error:
            path = ("tasks", name, key, *error.steps)
            message = f"task `{plain(name)}`: `{key}`: {plain(str(error), 300)}"
            yield Problem("FR115", message, loaded.origins.value(path), loaded.origins.spelled(path))
