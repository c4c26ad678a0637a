"""Missing: the results that did not come home from a cluster, told in one sentence for each thing that may happen."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

_MOST_NAMES = 3


class Fate(Enum):
    """What became of a result, as it is said of one and of several."""

    UNKEPT = ("{why}", "{why}")
    LATE = ("did not come from the Dask cluster in {why}", "did not come from the Dask cluster; the first not in {why}")
    LOST = ("was lost on the Dask cluster ({why})", "were lost on the Dask cluster (the first: {why})")


class Missing:
    """A fan of a thousand items may miss a thousand results, and for every one of them another reason is given."""

    def __init__(self) -> None:
        self._tasks: dict[Fate, list[str]] = {}
        self._first: dict[Fate, str] = {}

    def add(self, fate: Fate, task: str, why: str) -> None:
        """A result of this task is missing."""
        self._tasks.setdefault(fate, []).append(task)
        self._first.setdefault(fate, why)

    def sentences(self) -> Iterator[str]:
        """What there is to say."""
        for fate, tasks in self._tasks.items():
            one, several = (text.format(why=self._first[fate]) for text in fate.value)
            if len(tasks) == 1:
                yield with_remedy(f"the result of `{tasks[0]}` {one}")
            else:
                count, names = len(tasks), some_of(list(dict.fromkeys(tasks)))
                yield with_remedy(f"{count:,} results of {names} {several}", "them")


def some_of(tasks: list[str]) -> str:
    """The first few, and how many more."""
    shown = ", ".join(f"`{task}`" for task in tasks[:_MOST_NAMES])
    return f"{shown} and {len(tasks) - _MOST_NAMES} more" if tasks[_MOST_NAMES:] else shown


def with_remedy(said: str, what: str = "it") -> str:
    """The sentence, and what to do."""
    return f"{said}: continue the run with -r, which performs {what} again"
