"""What Astrum's documents show, with flowrun."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from flowrun import Job, Result
from flowrun.jobs import active_namespace, clear_namespace, job_of, task, use_namespace

# Decorators: a module adds to a namespace.

with use_namespace("analytics"):

    @task
    async def load_users() -> dict[str, list[str]]:
        """The functions stay as they are: `await load_users()` still works."""
        return {"users": ["ada", "alan"]}

    @task(depends_on=["load_users"], max_attempts=3)
    async def count(users: Annotated[list[str], Result(load_users, "users")]) -> int:
        return len(users)

    @task
    def first(name: Annotated[str, Result(load_users, "users", 0)]) -> str:
        """A sync function runs in a thread and blocks nobody."""
        return name

    @task
    async def report(
        everything: Annotated[dict[str, Any], Result(load_users)],
        number: Annotated[int, Result(count)],
    ) -> str:
        return f"{number} of {', '.join(everything['users'])}"


@task(namespace="other")
async def load() -> str:
    """An argument beats the block, which beats the default."""
    return f"in {active_namespace()}"


# An explicit job in place of a registry, and tasks that belong to an object.


class Warehouse:
    """Built from configuration."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tries = 0

    def rows(self) -> str:
        self.tries += 1
        if self.tries < 3:
            raise ConnectionError("busy")
        return f"{self.name}: 7 rows"


warehouses = Job("warehouses", max_concurrency=2)
north = warehouses.add(Warehouse("north").rows, name="north", max_attempts=3)
warehouses.add(Warehouse("south").rows, name="south", max_attempts=2, depends_on=[north])


@warehouses.task(detached=True)
async def tidy_up() -> str:
    """Nobody waits for it, and its outcome is still told."""
    await asyncio.sleep(0.05)
    return "tidy"


async def main() -> None:
    analytics = job_of("analytics")
    for _ in range(2):  # any number of times, with the same outcome
        done = await analytics.run()
        print(done.result("report"), "|", done.result("first"))

    part = await analytics.run(["count"])
    print([name for name, one in part.tasks.items() if one.state.name == "COMPLETED"])
    print((await job_of("other").run()).results)

    done = await warehouses.run()
    print(done.is_completed, done.result(north), done.tasks["tidy_up"].state.name)
    for sentence in done.error_summary:
        print(sentence)
    print(done.totals["failed"], done.max_parallelism, [one.number for one in done.tasks["north"].attempt_reports])
    print((await done.detached()).result("tidy_up"))
    clear_namespace()


if __name__ == "__main__":
    asyncio.run(main())
