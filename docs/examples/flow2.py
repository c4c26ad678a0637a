"""What flow2's documents show, with flowrun."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from flowrun import Job, Member, Parallel, Serial
from flowrun.task import Task


async def your_callback1() -> str:
    return "something"


async def your_callback2() -> AsyncIterator[int]:
    """What a generator yields is collected."""
    yield 1
    yield 2


class YourTask(Task):
    """A class with parameters and hooks."""

    your: str
    args: list[int]

    async def run(self) -> dict[str, list[int]]:
        return {self.your: self.args}

    def on_success(self) -> None:
        print("hook: it went well")


def your_callback4(task_3: dict[str, list[int]]) -> int:
    """Its parameter is the result of a task that has ended before."""
    return sum(task_3["sum"])


job = Job("workflow")
job.add(
    Serial(
        Parallel(
            Member(your_callback1, name="task_1"),
            Member(your_callback2, name="task_2", output=False),
            name="first",
        ),
        Member(YourTask, name="task_3", parameters={"your": "sum", "args": [3, 4]}),
        Member(your_callback4, name="task_4", parameters={"task_3": "${{ tasks.task_3.result }}"}),
        name="your_workflow",
    )
)


def fail() -> None:
    raise ValueError("planned")


stopping = Job("stopping")
stopping.add(Serial(fail, Member(your_callback1, name="rest"), name="serial"))
stopping.add(Parallel(Member(fail, name="may_fail"), your_callback1, name="tolerant", allow_failures=1))


async def main() -> None:
    report = await job.run(output=True)
    result = report["your_workflow"]
    print(result["first"]["task_2"], result["task_4"])

    report = await stopping.run()
    for name, task in report.tasks.items():
        print(name, task.state.name)
    print("completed:", report.is_completed)


if __name__ == "__main__":
    asyncio.run(main())
