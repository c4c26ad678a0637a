"""A function with `@task` above it: what may be one, which class is made of it, and what its run gives."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field, ValidationError

from flowrun.check.executors import executor_name
from flowrun.jobdefinition.task_definition import TaskDefinition
from flowrun.task import Result, Task, TaskMetadata, current_task, task, task_of, tasks

if TYPE_CHECKING:
    from nowhere import Nothing


def entry(name: str) -> Any:
    (found,) = tasks.candidates(name)
    return found


@task
def fn_plain(rows: int, channel: str = "ops") -> tuple[int, str]:
    """Take rows to a channel.

    And more.
    """
    return rows, channel


def test_a_function_stays_as_it_is() -> None:
    """It is called as before, in a unit test and by other functions. AS-01"""
    assert fn_plain(3) == (3, "ops")
    assert fn_plain.__name__ == "fn_plain"


def test_its_signature_is_what_a_job_file_may_give() -> None:
    """Annotations are the types, what has no default is required, and nothing else is taken. AS-01"""
    variant = task_of(fn_plain)

    assert variant.model_validate({"rows": "4"}).run() == (4, "ops")
    with pytest.raises(ValidationError, match="rows"):
        variant.model_validate({"rows": "many"})
    with pytest.raises(ValidationError, match="Field required"):
        variant.model_validate({})
    with pytest.raises(ValidationError, match="chanel"):
        variant.model_validate({"rows": 1, "chanel": "x"})


def test_it_is_registered_under_its_name_with_its_place() -> None:
    """The class has the docstring and stands where the function stands. AS-01"""
    found = entry("fn_plain")

    assert found.cls is task_of(fn_plain)
    assert (found.origin.file, found.origin.line) == (__file__, fn_plain.__code__.co_firstlineno)
    assert found.cls.__doc__ == fn_plain.__doc__


def test_another_name_may_be_given() -> None:
    """In either way; the class has that name too."""

    @task("fn_given")
    def one() -> int:
        return 1

    @task(name="fn_by_keyword")
    def two() -> int:
        return 2

    @task()
    def fn_empty() -> int:
        return 3

    assert [entry(name).cls().run() for name in ("fn_given", "fn_by_keyword", "fn_empty")] == [1, 2, 3]
    assert entry("fn_given").cls.__name__ == "fn_given"


def test_functions_made_in_a_loop_are_tasks_of_their_own() -> None:
    """They have one place and one name in Python. X-AS-10"""
    for number in range(3):

        @task(f"fn_loop_{number}")
        def step(number: int = number) -> int:
            return number

    assert [entry(f"fn_loop_{number}").cls().run() for number in range(3)] == [0, 1, 2]


@task
async def fn_async(rows: int) -> int:
    await asyncio.sleep(0)
    return rows


@task
def fn_generator(count: int) -> Iterator[int]:
    yield from range(count)


@task
async def fn_async_generator(count: int) -> AsyncIterator[int]:
    for number in range(count):
        await asyncio.sleep(0)
        yield number


def test_coroutines_and_generators_are_tasks() -> None:
    """A coroutine is awaited; what a generator of either sort yields becomes a list. AS-02, F2-02"""
    assert asyncio.run(task_of(fn_async)(rows=3).run()) == 3
    assert task_of(fn_generator)(count=3).run() == [0, 1, 2]
    assert asyncio.run(task_of(fn_async_generator)(count=3).run()) == [0, 1, 2]


@pytest.mark.parametrize(
    ("function", "executor"),
    [(fn_plain, "process"), (fn_generator, "process"), (fn_async, "async"), (fn_async_generator, "async")],
)
def test_what_waits_is_performed_on_the_event_loop(function: Callable[..., Any], executor: str) -> None:
    """As for classes: `async` is the default of coroutines, and of generators that are. AS-02"""
    assert executor_name(TaskDefinition(variant="x"), task_of(function)) == executor


def test_a_decorated_function_keeps_its_signature() -> None:
    """What another decorator wraps is looked through."""

    def twice(function: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> int:
            return 2 * function(*args, **kwargs)

        return wrapper

    @task
    @twice
    def fn_wrapped(rows: int) -> int:
        return rows

    assert task_of(fn_wrapped).model_validate({"rows": "4"}).run() == 8


def test_any_name_of_a_parameter_will_do() -> None:
    """Also one that the class of tasks has already, and one with an underscore."""

    @task
    def fn_names(run: int, logger: str, model_dump: int, _hidden: list[int], json: int = 4, env: str = "") -> Any:
        return run, logger, model_dump, _hidden, json, env

    given = {"run": "1", "logger": "two", "model_dump": 3, "_hidden": ["5"], "env": "e"}
    assert task_of(fn_names).model_validate(given).run() == (1, "two", 3, [5], 4, "e")


def test_further_parameters_go_to_the_one_with_two_stars() -> None:
    """Each is checked against its type."""

    @task
    def fn_others(name: str, **limits: int) -> Any:
        return name, limits

    variant = task_of(fn_others)

    assert variant.model_validate({"name": "n", "low": "1", "run": 2}).run() == ("n", {"low": 1, "run": 2})
    with pytest.raises(ValidationError, match="low"):
        variant.model_validate({"name": "n", "low": "x"})


def test_constraints_and_defaults_are_those_of_pydantic() -> None:
    """A default that can be changed is not shared between attempts."""

    @task
    def fn_limited(count: Annotated[int, Field(gt=0)], seen: list[int] = [], top: int = Field(9, le=9)) -> Any:  # noqa: B006
        seen.append(count)
        return seen, top

    variant = task_of(fn_limited)

    assert [variant(count=one).run() for one in (1, 2)] == [([1], 9), ([2], 9)]
    with pytest.raises(ValidationError, match="count"):
        variant(count=0)


def test_a_type_that_cannot_be_found_is_any() -> None:
    """It may be known to type checkers only, and must not break a run."""

    @task
    def fn_unknown(what: Nothing, when: int) -> Nothing:
        return what

    assert task_of(fn_unknown).model_validate({"what": "x", "when": "3"}).run() == "x"
    with pytest.raises(ValidationError, match="when"):
        task_of(fn_unknown).model_validate({"what": "x", "when": "y"})


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (lambda *rows: rows, r"takes `\*rows`.*take a list instead"),
        (lambda rows, /: rows, r"takes `rows` by position only.*remove the `/`"),
        (len, "needs a function, or a class that extends `Task`"),
        (3, "needs a function, or a class that extends `Task`"),
    ],
)
def test_what_a_job_file_cannot_call_is_refused(target: Any, said: str) -> None:
    """Where the decorator stands, with what to write instead. F2-02"""
    with pytest.raises(TypeError, match=said):
        task(target)


def test_the_name_is_no_key() -> None:
    """`task` and `variant` are how a job file names it."""
    with pytest.raises(TypeError, match="as `name`"):
        task(task="x")(lambda: None)  # type: ignore[call-overload]


def test_the_name_is_text() -> None:
    """Anything else could not be written in a job file."""
    with pytest.raises(TypeError, match="needs text as the name"):
        task(name=3)(lambda: None)  # type: ignore[call-overload]


def test_a_result_is_no_default() -> None:
    """The function would be given the mark itself when somebody calls it."""

    @task
    def fn_marked(rows: Any = Result("load")) -> None: ...  # noqa: B008

    with pytest.raises(TypeError, match=r"write `rows: Annotated\[..., Result\('load'\)\]`"):
        task_of(fn_marked)


def test_a_result_is_no_type_and_names_a_task() -> None:
    """Both mistakes are told with what to write."""

    @task
    def fn_typed(rows): ...  # type: ignore[no-untyped-def]

    @task
    def fn_unnamed(rows: Annotated[int, Result]) -> None: ...

    fn_typed.__annotations__["rows"] = Result("load")

    with pytest.raises(TypeError, match=r"write `rows: Annotated\[..., Result\('load'\)\]`; a `Result` is no type"):
        task_of(fn_typed)
    with pytest.raises(TypeError, match=r"`rows` has `Result` without a task"):
        task_of(fn_unnamed)


@task
def fn_current(here: Task, other: Task | None = None) -> Any:
    return here is current_task() and other is here, here.metadata, dict(current_task().shared_dict)


@task
async def fn_current_async() -> TaskMetadata:
    await asyncio.sleep(0)
    return current_task().metadata


def test_a_function_reaches_the_task_that_it_performs() -> None:
    """By `current_task()`, or by a parameter of the type `Task`, which is no parameter of the job file."""
    assert task_of(fn_current)().run() == (True, TaskMetadata(), {})
    assert asyncio.run(task_of(fn_current_async)().run()) == TaskMetadata()
    assert task_of(fn_current).model_fields == {}


def test_outside_of_an_attempt_there_is_no_current_task() -> None:
    """The message says what to do in a test."""
    task_of(fn_current)().run()

    with pytest.raises(RuntimeError, match="where no task is performed"):
        current_task()


def test_only_what_is_a_task_has_a_class() -> None:
    """A class of tasks is its own."""
    assert task_of(task_of(fn_plain)) is task_of(fn_plain)
    with pytest.raises(TypeError, match="no `@task` above"):
        task_of(len)
