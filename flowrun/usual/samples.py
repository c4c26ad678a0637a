"""Samples: how long tasks took in the last runs of a job, in a small file that one run leaves for the next."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Any, TypeGuard

from ..dataclass import dataclass
from .usual import Usual

_VERSION = 1
_LAST = 10
"""So many of the last durations of each task count."""
_MOST = 2000
"""So many tasks, those that take longest, are told one by one."""
_LARGEST_BYTES = 4 << 20
_LONGEST_SECONDS = 1e10
"""Three hundred years: a longer one was not measured, and sums of such would be no numbers."""
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW

Durations = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Samples:
    """The last durations of the tasks of a job, in seconds, the oldest first."""

    tasks: Durations = field(default_factory=dict)
    items: Durations = field(default_factory=dict)
    """The mean of the items of a task in each run."""
    others: float | None = None
    """The median of the tasks that are not told one by one; None: there are none."""

    def usual(self) -> Usual:
        """The medians."""
        tasks = {name: round(median(found), 3) for name, found in self.tasks.items()}
        others = median(tasks.values()) if self.others is None and tasks else self.others or 0.0
        return Usual(tasks, {name: round(median(found), 3) for name, found in self.items.items()}, others)

    def with_run(self, tasks: Mapping[str, float], items: Mapping[str, float], known: Iterable[str]) -> Samples:
        """The same with one run more. What is not among the `known` tasks of the job is forgotten."""
        names = list(known)
        kept = _joined(self.tasks, tasks, names)
        by_length = sorted(kept, key=lambda name: -median(kept[name]))
        rest = [median(kept[name]) for name in by_length[_MOST:]]
        told = set(by_length[:_MOST])
        return Samples(
            {name: found for name, found in kept.items() if name in told},
            _joined(self.items, items, [name for name in names if name in told]),
            median(rest) if rest else None,
        )


def read_samples(path: Path) -> Samples:
    """What is in the file; of one that is missing or damaged, nothing."""
    import json

    with suppress(OSError, ValueError, RecursionError):
        with open(path, "rb") as stream:
            data = stream.read(_LARGEST_BYTES + 1)
        body = json.loads(data) if len(data) <= _LARGEST_BYTES else None
        if isinstance(body, dict) and body.get("version") == _VERSION:
            others = body.get("others")
            return Samples(
                dict(_durations(body.get("tasks"))),
                dict(_durations(body.get("items"))),
                others if _is_duration(others) else None,
            )
    return Samples()


def write_samples(path: Path, samples: Samples) -> None:
    """Put the file into its place in one step; it need not survive a loss of power. Raises OSError."""
    import json

    body = {"version": _VERSION, "tasks": samples.tasks, "items": samples.items, "others": samples.others}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with open(os.open(draft, _FRESH, 0o600), "w", encoding="ascii") as stream:
            stream.write(json.dumps(body))
        os.replace(draft, path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise


def median(found: Iterable[float]) -> float:
    """The middle of some numbers; that of `statistics` takes 10 ms to load."""
    numbers = sorted(found)
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2


def _joined(before: Durations, now: Mapping[str, float], names: Iterable[str]) -> dict[str, Sequence[float]]:
    joined: dict[str, Sequence[float]] = {}
    for name in names:
        found = [*before.get(name, ()), *((round(now[name], 4),) if name in now else ())]
        if found:
            joined[name] = found[-_LAST:]
    return joined


def _durations(found: Any) -> Iterator[tuple[str, list[float]]]:
    """The entries that are as they should be."""
    for name, numbers in found.items() if isinstance(found, dict) else ():
        if isinstance(numbers, list) and numbers and all(map(_is_duration, numbers)):
            yield name, numbers[-_LAST:]


def _is_duration(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _LONGEST_SECONDS
