"""A job in Python says what a job file would say."""

from __future__ import annotations

import asyncio
from typing import Annotated

import pytest

from flowrun.errors import DefinitionError, UsageError
from flowrun.jobs import Job, Member, Parallel, Serial
from flowrun.jobs.sections import in_python
from flowrun.task import Result, Task, task


class Load(Task):
    day: str = "today"

    def run(self) -> dict[str, int]:
        return {"rows": 3}


@task(max_attempts=3)
def declared(rows: int = 1) -> int:
    return rows


async def fetch() -> dict[str, int]:
    return {"rows": 3}


def double(rows: Annotated[int, Result(fetch, "rows")]) -> int:
    return rows * 2


def test_decorated_functions_and_classes_stay_as_they_are():
    """AS-01, F2-01: the decorator registers under the name of the function, or another, and gives it back."""
    job = Job("j")

    @job.task
    def one() -> None: ...

    @job.task("second", max_attempts=2)
    def other() -> None: ...

    @job.task
    class Third(Task):
        def run(self) -> None: ...

    assert one.__name__ == "one"
    assert isinstance(Third, type)
    assert list(job) == ["one", "second", "Third"]
    assert job.definition.tasks["second"].max_attempts == 2


def test_one_name_twice_is_refused_with_the_place_of_the_other():
    """AS-01, F2-06: nothing overwrites what has its name already."""
    job = Job("j")
    job.add(fetch)

    with pytest.raises(UsageError, match=r"two tasks called 'fetch' \(the other: .*test_job\.py:\d+\)"):
        job.add(fetch)


@pytest.mark.parametrize("value", [True, 1.5, -1, "many"])
def test_a_key_has_the_form_that_it_has_in_a_job_file(value):
    """AS-03: the number of attempts is a whole number."""
    job = Job("j")
    job.add(fetch, max_attempts=value)

    with pytest.raises(DefinitionError) as caught:
        job.check()

    assert [problem.path for problem in caught.value.problems] == ["tasks.fetch.max_attempts"]


def test_every_problem_names_the_line_where_the_task_was_added():
    """AS-07, AS-18: all mistakes are told at once, with file and line."""
    job = Job("j")
    job.add(double, parameters={"rows": "a", "more": 1})
    job.add(fetch, depends_on=["nope", "neither"])

    with pytest.raises(DefinitionError) as caught:
        job.check()

    said = [(problem.code, problem.place.file.rpartition("/")[2]) for problem in caught.value.problems]
    assert said == [(code, "test_job.py") for code in ("FR207", "FR208", "FR302", "FR302")]
    assert all(problem.place.line for problem in caught.value.problems)


def test_tasks_that_wait_for_each_other_are_refused_with_their_path():
    """AS-09: the cycle is told before anything starts."""
    job = Job("j")
    job.add(fetch, name="a", depends_on=["b"])
    job.add(fetch, name="b", depends_on=["a"])

    with pytest.raises(DefinitionError) as caught:
        job.check()
    [problem] = caught.value.problems
    assert any("a" in note and "b" in note for note in (problem.label, *problem.notes))


def test_dependencies_are_names_functions_and_what_add_gave():
    """AS-07, AS-14: whatever stands for a task may be named."""
    job = Job("j")
    first = job.add(fetch, name="first")
    job.add(Load)
    job.add(declared, depends_on=[first, Load, "last"])
    job.add(fetch, name="last")

    assert job.definition.tasks["declared"].depends_on == ("first", "Load", "last")


def test_a_function_that_several_tasks_perform_must_be_named_otherwise():
    job = Job("j")
    job.add(fetch, name="a")
    job.add(fetch, name="b")
    job.add(declared, depends_on=[fetch])

    with pytest.raises(UsageError, match="there are: a, b"):
        job.check()


def test_what_belongs_to_another_job_is_refused():
    """AS-04: two jobs in one process share no tasks."""
    other = Job("other").add(fetch)
    job = Job("j")
    job.add(declared, depends_on=[other])

    with pytest.raises(UsageError, match="not in job 'j'"):
        job.check()


def test_a_reference_is_a_dependency_and_is_checked_for_its_type():
    """AS-14, AS-19: `Result` adds the dependency, also with a key."""

    def take(text: Annotated[list[str], Result(fetch, "rows")]) -> None: ...

    job = Job("j")
    job.add(fetch)
    job.add(double)
    assert job.definition is not None
    assert in_python(job).sections["tasks"]["double"] == {"task": "double"}

    job.add(take)
    with pytest.raises(DefinitionError, match="list"):
        job.check()


def test_references_may_stand_in_parameters():
    """AS-14, AS-17: `Result` in a parameter, of a task by what `add` gave."""
    job = Job("j")
    first = job.add(fetch, name="first")
    job.add(double, parameters={"rows": Result(first, "rows")})

    assert job.definition.tasks["double"].parameters == {"rows": "${{ tasks.first.result.rows }}"}


def test_groups_nest_and_members_are_addressed_by_path():
    """F2-05, PW-07: groups in groups, in the order in which they were written."""
    job = Job("j")
    etl = job.add(
        Serial(fetch, Parallel(double, Member(declared, name="other"), name="both"), name="etl", vars={"x": 1})
    )

    assert list(job.definition.tasks["etl"].serial) == ["fetch", "both"]
    names = ["etl", "etl/fetch", "etl/both", "etl/both/double", "etl/both/other"]
    assert [str(member) for member in job.walk()] == names
    assert etl["both"]["other"].full_name == "etl/both/other"


def test_members_can_be_added_at_both_ends():
    """PW-02: push_back and push_front."""
    group = Serial(fetch, name="g")
    group.push_back(fetch, name="last")
    group.push_front(fetch, name="first")

    assert list(group) == ["first", "fetch", "last"]


def test_a_handle_becomes_a_member_of_the_group_that_takes_it():
    job = Job("j")
    first = job.add(fetch)
    job.add(Serial(first, name="g"))

    assert first.full_name == "g/fetch"
    assert list(job) == ["g"]


def test_a_group_cannot_be_in_itself():
    inner = Serial(name="inner")
    outer = Serial(inner, name="outer")

    with pytest.raises(UsageError, match="in itself"):
        inner.add(outer)


def test_tasks_may_be_made_in_a_loop():
    """X-AS-10: functions that share a name are no obstacle."""
    job = Job("j")
    for number in range(3):

        @job.task(name=f"t{number}")
        def step(number: int = number) -> int:
            return number

    assert asyncio.run(job.run()).results == {"t0": 0, "t1": 1, "t2": 2}


def test_a_lambda_needs_a_name():
    job = Job("j")
    with pytest.raises(UsageError, match="has no name"):
        job.add(lambda: 1)
    job.add(lambda: 1, name="one")
    assert job.run_sync().results == {"one": 1}


@pytest.mark.parametrize("target", [3, None, object()])
def test_what_is_no_function_is_no_task(target):
    """AS-13: refused where it is added."""
    with pytest.raises(UsageError, match="a task is a function"):
        Job("j").add(target)


def test_methods_of_objects_are_tasks_bound_to_them():
    """AS-06: a task that belongs to an object."""

    class Shop:
        def __init__(self, name: str) -> None:
            self.name = name

        def title(self) -> str:
            return self.name

    job = Job("j")
    job.add(Shop("a").title, name="a")
    job.add(Shop("b").title, name="b")

    assert job.run_sync().results == {"a": "a", "b": "b"}


def test_the_job_is_opened_again_only_after_a_change():
    job = Job("j")
    group = job.add(Serial(fetch, name="g"))
    first = job._open({}, {})

    assert job._open({}, {}) is first
    group.add(declared)
    assert job._open({}, {}) is not first


def test_sections_and_configuration_are_given_to_the_job():
    job = Job("j", max_concurrency=2, pools={"db": 1}, vars={"day": "monday"})
    job.add(fetch, pool="db")

    definition = job.definition
    assert (definition.config.name, definition.config.max_concurrency) == ("j", 2)
    assert definition.vars == {"day": "monday"}


def test_an_unknown_configuration_is_a_problem():
    job = Job("j", max_concurency=2)
    job.add(fetch)

    with pytest.raises(DefinitionError, match="max_concurrency"):
        job.check()
