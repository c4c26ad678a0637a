"""Difference: what was expected of a run and what was found instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .case import Expectation

NO_TASK = "there is no such task"


@dataclass(frozen=True)
class Found:
    """What a run came to."""

    states: Mapping[str, str]
    results: Mapping[str, Any]
    """In plain form."""
    starts: Sequence[str]
    lines: Mapping[str, Sequence[str]]
    problems: Sequence[str]
    """Why the job was refused; empty: it has run."""
    failures: Mapping[str, str]
    """What failed tasks say."""


@dataclass(frozen=True)
class Difference:
    """What was expected of a run and what was found instead."""

    path: tuple[str, ...]
    """The keys that lead to it, from `expect` on."""
    expected: Any
    found: Any
    note: str = ""


def differences(expect: Expectation, found: Found) -> list[Difference]:
    """Everything that is not as expected. A job of which nothing is said is expected to complete."""
    if expect.problems is not None or found.problems:
        return list(_of_problems(expect.problems or (), found.problems))
    return [
        *_of_states(expect, found),
        *_of_results(expect.results, found),
        *_of_order(expect.order, found.starts),
        *_of_lines(expect.lines, found.lines),
    ]


def _of_problems(expected: Sequence[str], found: Sequence[str]) -> Iterator[Difference]:
    are_told = all(any(one in problem for problem in found) for one in expected)
    are_expected = all(any(one in problem for one in expected) for problem in found)
    if not (are_told and are_expected and bool(expected) == bool(found)):
        yield Difference(("problems",), list(expected), list(found))


def _of_states(expect: Expectation, found: Found) -> Iterator[Difference]:
    for name, state in expect.states.items():
        is_now = found.states.get(name, NO_TASK)
        if is_now != state:
            yield Difference(("states", name), state, is_now, found.failures.get(name, ""))
    if not expect.states:
        for name, failure in found.failures.items():
            yield Difference(("states", name), "COMPLETED", found.states[name], failure)


def _of_results(expected: Mapping[str, Any], found: Found) -> Iterator[Difference]:
    for name, result in expected.items():
        if name not in found.states:
            yield Difference(("results", name), result, NO_TASK)
        elif not _is_same(result, found.results.get(name)):
            yield Difference(("results", name), result, found.results.get(name), found.failures.get(name, ""))


def _is_same(left: Any, right: Any) -> bool:
    """`1` is the same as `1.0`, and `true` is another thing."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_is_same(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_is_same, left, right))
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def _of_order(expected: Sequence[str] | None, starts: Sequence[str]) -> Iterator[Difference]:
    if expected is not None:
        found = [name for name in starts if name in expected]
        if found != list(expected):
            yield Difference(("order",), list(expected), found)


def _of_lines(expected: Mapping[str, Sequence[str]], found: Mapping[str, Sequence[str]]) -> Iterator[Difference]:
    for name, parts in expected.items():
        rest = iter(found.get(name, ()))
        if not all(any(part in line for line in rest) for part in parts):
            yield Difference(("lines", name), list(parts), list(found.get(name, ())))
