"""What decorators say about tasks where the job file says nothing."""

from __future__ import annotations

import typing
from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError

from flowrun.defaults import filled_parameters, has_defaults, keys_of, with_defaults
from flowrun.jobdefinition.flat import flatten
from flowrun.jobdefinition.task_definition import TaskDefinition
from flowrun.task import Result, Task, task, task_of
from flowrun.task_keys import TaskKeys


@task
def de_plain() -> None: ...


@task(
    max_attempts=3,
    backoff={"first": "2s", "jitter": True},
    timeout="10m",
    depends_on=["before"],
    env={"A": "1", "B": "1"},
)
def de_load(
    users: Annotated[list[str], Result("users", "names")], limit: Annotated[int, Result(de_plain, 0)] = 3
) -> None: ...


@task(name="de_class", priority=4, foreach=[1, 2])
class DeClass(Task):
    def run(self) -> None: ...


class DeBelow(DeClass):
    def run(self) -> None: ...


class DeField(Task):
    users: Annotated[list[str], Result("users"), Field(alias="people")]

    def run(self) -> None: ...


CLASSES = {"de_plain": task_of(de_plain), "de_load": task_of(de_load), "de_class": DeClass, "DeField": DeField}


def merged(**written: dict[str, Any]) -> dict[str, TaskDefinition]:
    """The tasks of a job that is written so, with their defaults."""
    flat = flatten({name: TaskDefinition.model_validate(keys) for name, keys in written.items()})
    classes = {name: CLASSES[one.variant] for name, one in flat.tasks.items() if one.variant in CLASSES}
    return dict(with_defaults(flat, classes).tasks)


def test_keys_of_the_decorator_are_taken_where_the_file_has_none() -> None:
    """With the meaning that they have in a file."""
    load = merged(load={"task": "de_load"})["load"]

    assert (load.max_attempts, load.timeout, load.depends_on, load.executor) == (3, 600.0, ("before",), None)
    assert load.backoff == TaskDefinition.model_validate({"task": "x", "backoff": {"first": 2, "jitter": True}}).backoff


def test_the_file_stands_above_key_by_key() -> None:
    """Also with the very value that is the default of a key, and with an empty one."""
    load = merged(load={"task": "de_load", "max_attempts": 1, "timeout": None, "dependencies": []})["load"]

    assert (load.max_attempts, load.timeout, load.depends_on) == (1, None, ())
    assert load.backoff != 0


def test_names_in_the_environment_count_one_by_one() -> None:
    """They are the user's own, as parameters are."""
    assert merged(load={"task": "de_load", "env": {"B": "2"}})["load"].env == {"A": "1", "B": "2"}


def test_the_file_chooses_how_it_fans_out() -> None:
    """`foreach` of the decorator does not meet `matrix` of the file."""
    tasks = merged(each={"task": "de_class"}, grid={"task": "de_class", "matrix": {"x": [1]}})

    assert tasks["each"].foreach == [1, 2]
    assert tasks["grid"].foreach is None


def test_a_result_is_the_default_of_its_parameter() -> None:
    """The function may stand for the task that performs it, whatever that is called. AS-14"""
    load = merged(load={"task": "de_load"}, zero={"task": "de_plain"})["load"]
    given = merged(load={"task": "de_load", "parameters": {"users": ["a"], "limit": 1}})["load"]

    assert load.parameters == {"users": "${{ tasks.users.result.names }}", "limit": "${{ tasks.zero.result[0] }}"}
    assert given.parameters == {"users": ["a"], "limit": 1}


def test_a_result_stands_on_a_field_of_a_class_too() -> None:
    """Under the name that a job file uses for it. AS-14"""
    assert merged(a={"task": "DeField"})["a"].parameters == {"people": "${{ tasks.users.result }}"}


def test_a_function_that_several_tasks_perform_stands_for_its_own_name() -> None:
    """Then the one that is called so is meant. AS-14"""
    tasks = merged(load={"task": "de_load"}, de_plain={"task": "de_plain"}, other={"task": "de_plain"})

    assert tasks["load"].parameters["limit"] == "${{ tasks.de_plain.result[0] }}"


def test_a_value_that_a_result_gives_need_not_be_written() -> None:
    """That is what an editor asks for."""
    assert filled_parameters(task_of(de_load)) == {"users", "limit"}


def test_dependencies_are_looked_for_from_inside_a_group() -> None:
    """As those in the file are; in a serial group the one before stays a dependency."""
    members = {"before": {"task": "de_plain"}, "next": {"task": "de_plain"}, "load": {"task": "de_load"}}

    tasks = merged(etl={"serial": members}, before={"task": "de_plain"})

    assert tasks["etl/load"].depends_on == ("etl/before", "etl/next")


def test_a_job_without_defaults_stays_the_same_object() -> None:
    """It costs nothing."""
    flat = flatten({"a": TaskDefinition(variant="de_plain")})

    assert with_defaults(flat, {"a": task_of(de_plain)}) is flat


def test_a_class_does_not_inherit_what_stands_above_another() -> None:
    """A decorator is about what stands below it."""
    assert has_defaults(DeClass)
    assert not has_defaults(DeBelow)


def test_wrong_keys_are_refused_and_not_taken() -> None:
    """They are no keys of a file either."""

    @task(max_attempts=0)
    def de_wrong() -> None: ...

    with pytest.raises(ValidationError, match="max_attempts"):
        keys_of(task_of(de_wrong))
    flat = flatten({"a": TaskDefinition(variant="de_wrong")})
    assert with_defaults(flat, {"a": task_of(de_wrong)}).tasks["a"].max_attempts == 1


def test_type_checkers_know_the_keys_of_a_task() -> None:
    """Those of a job file, without the ones of groups."""
    own = {"task", "variant", "serial", "parallel", "on_failure", "vars"}
    fields = TaskDefinition.model_fields
    names = {*fields, *(field.alias for field in fields.values() if field.alias)}

    assert typing.get_type_hints(TaskKeys).keys() == (names - own) | {"name"}
