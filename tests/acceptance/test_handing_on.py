"""What is handed from task to task in one process is the value itself; between processes it goes through a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project

TASKS = """
from dataclasses import dataclass
from typing import Any

MADE = []

@dataclass
class Table:
    rows: list[int]

@task
class Makes(Traced):
    def run(self) -> Table:
        MADE.append(Table([1, 2]))
        return MADE[0]

@task
class MakesAsync(Makes):
    async def run(self) -> Table:
        return super().run()

@task
class Reads(Traced):
    table: Table

    def run(self) -> None:
        self.mark("given", is_itself=bool(MADE) and self.table is MADE[0], rows=self.table.rows)

@task
class ReadsAsync(Reads):
    async def run(self) -> None:
        super().run()

@task
class Says(Traced):
    said: Any = None
    size: int = 0

    def run(self) -> Any:
        self.mark("given", length=len(self.said or ""), kind=type(self.said).__name__)
        return self.said or "é" * self.size

@task
class Lists(Traced):
    def run(self) -> Any:
        return {"rows": list(range(100_000)), "last": "end"}
"""


@pytest.fixture
def handing(project: Project) -> Project:
    project.task_module(TASKS)
    return project


@pytest.mark.parametrize(("kind", "executor"), [("", "thread"), ("Async", "async")])
def test_a_value_is_handed_on_itself(handing: Project, kind: str, executor: str) -> None:
    """AS-14: without a copy, to every reader in the process of the run; one elsewhere gets an equal value."""
    table = {"parameters": {"table": "${{ tasks.makes.result }}"}}
    handing.job(
        {
            "makes": {"task": f"Makes{kind}", "executor": executor},
            "first": {"task": f"Reads{kind}", "executor": executor, **table},
            "second": {"task": f"Reads{kind}", "executor": executor, "dependencies": ["first"], **table},
            "elsewhere": {"task": "Reads", "executor": "process", **table},
        }
    )

    done = handing.run()

    assert done.status == 0, done
    given = {name: handing.marks(name, "given")[0].more for name in ("first", "second", "elsewhere")}
    assert given == {
        "first": {"is_itself": True, "rows": [1, 2]},
        "second": {"is_itself": True, "rows": [1, 2]},
        "elsewhere": {"is_itself": False, "rows": [1, 2]},
    }


@pytest.mark.parametrize("executor", ["process", "thread"])
def test_a_long_text_is_handed_on(handing: Project, executor: str) -> None:
    """Three processes and a part of it: nothing is lost on the way, and the journal does not grow with it."""
    handing.job(
        {
            "says": {"task": "Says", "executor": executor, "parameters": {"size": 1_000_000}},
            "again": {"task": "Says", "executor": executor, "parameters": {"said": "${{ tasks.says.result }}"}},
            "once more": {"task": "Says", "parameters": {"said": "${{ tasks.again.result }}"}},
            "lists": {"task": "Lists", "executor": executor},
            "last": {"task": "Says", "parameters": {"said": "${{ tasks.lists.result.last }}"}},
            "fails": {"task": "Fails", "dependencies": ["last", "once more"]},
        }
    )

    assert handing.run().status == 1
    for name in ("again", "once more"):
        assert handing.marks(name, "given")[0].more == {"length": 1_000_000, "kind": "str"}
    assert handing.marks("last", "given")[0].more == {"length": 3, "kind": "str"}
    [journal] = handing.root.glob(".flowrun/job/*.journal")
    assert journal.stat().st_size < 20_000


def test_a_text_over_the_limit_is_refused(handing: Project) -> None:
    """`config.max_result_bytes` counts what would go into a file, too."""
    handing.job({"says": {"task": "Says", "parameters": {"size": 400_000}}}, config={"max_result_bytes": 300_000})

    done = handing.run()

    assert done.status == 1
    assert "at most 300,000 are kept" in done.message("says")
