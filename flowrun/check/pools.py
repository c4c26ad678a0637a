"""Pools: those that tasks name and that the job shares with others on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import DefinitionError
from ..jobdefinition import Loaded
from ..problem import Problem
from ..user_settings import UserSettings
from .suggestions import Suggestions
from .unknown import unknown


def machine_pools(
    asked: Mapping[str, str],
    loaded: Loaded,
    own: Iterable[str],
    settings: UserSettings | None,
    suggestions: Suggestions,
) -> tuple[dict[str, int], list[Problem]]:
    """The slots of the pools that tasks ask for, by pool, and what is wrong. `asked` has a pool by the task's name.

    `own` are the pools of the job itself, which stand in the message about a pool that nobody has.
    """
    try:
        shared: Mapping[str, int] = {} if settings is None else settings.pools
    except DefinitionError as error:
        return {}, list(error.problems)
    known = [*own, *shared]
    problems = [
        problem
        for name, pool in asked.items()
        if pool not in shared
        for problem in unknown(loaded, suggestions, "pool", pool, ("tasks", name, "pool"), known)
    ]
    return {pool: shared[pool] for pool in asked.values() if pool in shared}, problems
