"""A small shop: reads orders, checks every row, and writes a report per region."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path

from pydantic import BaseModel, PositiveInt, ValidationError

from flowrun.task import Task, task


class Currency(Enum):
    """What the report is in."""

    EUR = "EUR"
    USD = "USD"


class Order(BaseModel):
    """One row of an orders file."""

    order_id: str
    day: date
    product: str
    quantity: PositiveInt
    unit_price: Decimal

    @property
    def total(self) -> Decimal:
        """What the customer pays."""
        return self.quantity * self.unit_price


class Summary(BaseModel):
    """What one region sold."""

    region: str
    orders: int
    rejected: int
    turnover: Decimal
    best_seller: str


@task
class AskExchangeRate(Task):
    """Ask a bank's desk for today's rate. The desk never answers the first time."""

    currency: Currency = Currency.EUR

    def run(self) -> Decimal:
        """The rate, also for the tasks that follow."""
        if self.metadata.attempt == 1:
            raise ConnectionError("the desk is not answering")
        rate = {Currency.EUR: Decimal("1"), Currency.USD: Decimal("1.09")}[self.currency]
        self.shared_dict["rate"] = rate
        self.shared_dict["currency"] = self.currency.value
        print("one euro is", rate, self.currency.value)
        return rate


@task
class SummariseRegion(Task):
    """Read the orders of one region, pass over bad rows, add up the rest."""

    region: str
    orders: Path

    def run(self) -> Summary:
        """The summary, also for the report."""
        good, rejected = self._read()
        rate = self.shared_dict["rate"]
        sold = Counter[str]()
        for order in good:
            sold[order.product] += order.quantity
        summary = Summary(
            region=self.region,
            orders=len(good),
            rejected=rejected,
            turnover=(sum((order.total for order in good), Decimal(0)) * rate).quantize(Decimal("0.01")),
            best_seller=sold.most_common(1)[0][0],
        )
        self.shared_dict[f"summary {self.region}"] = summary
        print(f"{summary.orders} orders, {summary.turnover} in all")
        return summary

    def _read(self) -> tuple[list[Order], int]:
        good, rejected = [], 0
        with self.orders.open(newline="") as file:
            for line, row in enumerate(csv.DictReader(file), 2):
                try:
                    good.append(Order.model_validate(row))
                except ValidationError as error:
                    rejected += 1
                    problem = error.errors()[0]
                    self.logger.error(f"{self.orders.name}:{line}: {problem['loc'][0]}: {problem['msg']}")
        return good, rejected


@task
class WriteReport(Task):
    """Write what all regions sold."""

    path: Path
    regions: list[str]

    def run(self) -> str:
        """The path of the report."""
        summaries = [self.shared_dict[f"summary {region}"] for region in self.regions]
        currency = self.shared_dict["currency"]
        lines = [
            f"| region | orders | rejected | turnover ({currency}) | best seller |",
            "|---|---:|---:|---:|---|",
            *(f"| {s.region} | {s.orders} | {s.rejected} | {s.turnover} | {s.best_seller} |" for s in summaries),
        ]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("\n".join(lines) + "\n")
        print("\n".join(lines))
        return str(self.path)
