"""Refused: why a file cannot be used at all."""

from __future__ import annotations

from flowrun.problem import Problem


class Refused(Exception):
    """A file cannot be used; `problem` says why. Never leaves this package."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem
