"""The tasks that refer to each other; apart, since the others are measured without them."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from flowrun.task import Task, task


class Order(BaseModel):
    """A part of a result."""

    id: int


class Report(BaseModel):
    """A result with parts to refer to."""

    rows: int
    path: str
    orders: list[Order]
    shares: dict[str, float]


@task
class Refer(Task):
    """Takes parts of what another one returns."""

    day: date
    rows: int = 0
    path: str = ""
    first: int = 0
    share: float = 0

    def run(self) -> Report:
        """A result for the next one."""
        return Report(rows=self.rows, path=self.path, orders=[Order(id=self.first)], shares={"eu": self.share})
