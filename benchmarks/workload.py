"""Workload: the shapes of the jobs that are measured, as names of tasks and what they depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Workload = Mapping[str, Sequence[str]]


def independent(count: int) -> Workload:
    """Tasks that have nothing to do with each other."""
    return {f"t{number}": () for number in range(count)}


def chain(length: int) -> Workload:
    """Each task depends on the one before."""
    return {f"t{number}": (f"t{number - 1}",) if number else () for number in range(length)}


def layers(depth: int, width: int, fan_in: int) -> Workload:
    """Each task depends on `fan_in` tasks of the layer before."""
    return {
        f"t{layer}_{place}": [f"t{layer - 1}_{(place + step) % width}" for step in range(fan_in)] if layer else ()
        for layer in range(depth)
        for place in range(width)
    }
