"""`shared_dict`: what one task writes all others see, whatever executor carries them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project

EXECUTORS = ("process", "thread", "async")

TASKS = """
@task
class Writes(Traced):
    def run(self) -> None:
        self.shared_dict["rows"] = [1, 2]
        self.shared_dict["rows"].append(3)
        self.shared_dict.setdefault("report", {})["who"] = "é"
        self.shared_dict["object"] = Point(1, 2)

class Point:
    def __init__(self, x: int, y: int) -> None:
        self.x, self.y = x, y

@task
class Reads(Traced):
    def run(self) -> None:
        s = self.shared_dict
        self.mark("read", rows=s["rows"], report=s["report"], point=[s["object"].x, s["object"].y], keys=sorted(s))

@task
class Appends(Traced):
    def run(self) -> None:
        self.shared_dict["rows"].append(4)
        self.shared_dict["rows"].append(5)

@task
class Adds(Traced):
    key: str
    times: int = 50

    def run(self) -> None:
        for number in range(self.times):
            self.shared_dict[f"{self.key}{number}"] = number

@task
class Counts(Traced):
    def run(self) -> None:
        self.mark("count", count=len(self.shared_dict))

@task
class Takes(Traced):
    def run(self) -> None:
        taken = []
        while (job := self.shared_dict.pop("job", None)) is None and not self.shared_dict.get("over"):
            time.sleep(0.001)
        self.mark("took", job=job)
        self.shared_dict["over"] = True

@task
class Collides(Traced):
    first: bool = False

    def run(self) -> None:
        rows = self.shared_dict["rows"]
        self.shared_dict[self.metadata.name] = "has read"
        while len([key for key in self.shared_dict if key != "rows"]) < 2:
            time.sleep(0.005)
        rows.append(self.metadata.name)
"""


@pytest.mark.parametrize("reader", EXECUTORS)
@pytest.mark.parametrize("writer", EXECUTORS)
def test_values_pass_between_executors(project: Project, writer: str, reader: str) -> None:
    """Changes inside of a value too, and objects of the user's own classes. FM-51"""
    project.task_module(TASKS)
    project.job(
        {
            "w": {"task": "Writes", "executor": writer},
            "a": {"task": "Appends", "executor": reader, "dependencies": ["w"]},
            "r": {"task": "Reads", "executor": writer, "dependencies": ["a"]},
        }
    )

    done = project.run()

    assert done.status == 0, done
    assert project.marks("r", "read")[0].more == {
        "rows": [1, 2, 3, 4, 5],
        "report": {"who": "é"},
        "point": [1, 2],
        "keys": ["object", "report", "rows"],
    }


def test_tasks_at_the_same_time_lose_nothing(project: Project) -> None:
    """Six tasks in three executors set three hundred keys."""
    project.task_module(TASKS)
    adding = {
        f"add{n}": {"task": "Adds", "executor": EXECUTORS[n % 3], "parameters": {"key": f"k{n}."}} for n in range(6)
    }
    project.job({**adding, "count": {"task": "Counts", "dependencies": list(adding)}})

    assert project.run().status == 0
    assert project.marks("count", "count")[0].more == {"count": 300}


def test_of_several_tasks_one_takes_a_value(project: Project) -> None:
    """`pop` is atomic between processes and threads."""
    project.task_module(TASKS)
    takes = {f"take{n}": {"task": "Takes", "executor": ["process", "thread"][n % 2]} for n in range(6)}
    project.job({**takes, "put": {"task": "Adds", "parameters": {"key": "job", "times": 1}}, "give": "Gives"})
    project.task_module(
        TASKS + "\n@task\nclass Gives(Traced):\n    def run(self) -> None:\n        self.shared_dict['job'] = 1\n"
    )

    assert project.run().status == 0
    assert [mark.more["job"] for mark in project.marks(what="took")].count(1) == 1


def test_changes_inside_of_the_same_value_are_never_lost_unseen(project: Project) -> None:
    """Of two tasks that change the same list at the same time one is told so, and fails. FM-51"""
    project.task_module(
        TASKS + "\n@task\nclass Starts(Traced):\n    def run(self) -> None:\n        self.shared_dict['rows'] = []\n"
    )
    collides = {"task": "Collides", "dependencies": ["s"]}
    project.job({"s": "Starts", "one": collides, "two": collides})

    done = project.run()

    assert sorted(done.states.values()) == ["COMPLETED", "COMPLETED", "FAILED"]
    failed = next(name for name, state in done.states.items() if state == "FAILED")
    assert "changed by another task" in done.message(failed)


def test_values_of_a_failed_attempt_are_seen_by_the_next(project: Project) -> None:
    """What it has shared before it failed is shared: other tasks may have seen it already."""
    project.task_module(
        """
@task
class Remembers(Traced):
    def run(self) -> None:
        self.shared_dict["tries"] = self.shared_dict.get("tries", 0) + 1
        if self.shared_dict["tries"] < 3:
            raise ValueError("planned")
        self.mark("tries", count=self.shared_dict["tries"])
"""
    )
    project.job({"a": {"task": "Remembers", "max_attempts": 3}})

    assert project.run().status == 0
    assert project.marks("a", "tries")[0].more == {"count": 3}


def test_a_large_value_passes(project: Project) -> None:
    """Twenty million characters, to a task in another process and to one in a thread."""
    project.task_module(
        """
@task
class Large(Traced):
    def run(self) -> None:
        self.shared_dict["large"] = "x" * 20_000_000

@task
class Measures(Traced):
    def run(self) -> None:
        self.mark("size", size=len(self.shared_dict["large"]))
"""
    )
    project.job(
        {
            "w": "Large",
            "p": {"task": "Measures", "dependencies": ["w"]},
            "t": {"task": "Measures", "executor": "thread", "dependencies": ["w"]},
        }
    )

    assert project.run().status == 0
    assert [mark.more["size"] for mark in project.marks(what="size")] == [20_000_000] * 2
