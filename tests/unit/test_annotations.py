"""The type of the result of a task, from what its function or its `run` declares."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from flowrun.annotations import annotations_of, return_annotation
from flowrun.task import Task, task, task_of

if TYPE_CHECKING:
    from nowhere import Nothing


class Load(Task):
    def run(self) -> dict[str, Later]: ...


class LoadAsync(Task):
    async def run(self) -> Later: ...


class Inherits(Load):
    """Nothing of its own."""


class Later:
    """Stands below the classes that name it."""


@task
def an_plain() -> list[Later]: ...


@task
async def an_async() -> int: ...


@task
def an_awaitable() -> Awaitable[int]: ...


@task
def an_iterator() -> Iterator[int]:
    yield 1


@task
def an_generator() -> Generator[Later, None, str]:
    yield Later()


@task
def an_generator_of_anything():  # type: ignore[no-untyped-def]
    yield 1


@task
async def an_async_iterator() -> AsyncIterator[str]:
    yield ""


@task
async def an_async_generator() -> AsyncGenerator[str, None]:
    yield ""


@task
def an_unknown() -> Nothing: ...


@task
def an_undeclared(): ...  # type: ignore[no-untyped-def]


@task
def an_nothing() -> None: ...


@pytest.mark.parametrize(
    ("function", "result"),
    [
        (an_plain, list[Later]),
        (an_async, int),
        (an_awaitable, int),
        (an_iterator, list[int]),
        (an_generator, list[Later]),
        (an_generator_of_anything, list[Any]),
        (an_async_iterator, list[str]),
        (an_async_generator, list[str]),
        (an_unknown, Any),
        (an_undeclared, Any),
        (an_nothing, type(None)),
    ],
)
def test_the_result_of_a_function(function: Callable[..., Any], result: Any) -> None:
    """What is awaited, or a list of what is yielded; anything if it is not known."""
    assert return_annotation(task_of(function)) == result


def test_the_result_of_a_class() -> None:
    """That of its `run`, inherited or not."""
    assert return_annotation(Load) == dict[str, Later]
    assert return_annotation(Inherits) == dict[str, Later]
    assert return_annotation(LoadAsync) is Later


def test_names_of_the_surrounding_function_are_known() -> None:
    """If the function itself uses them."""

    class Local: ...

    def made(one: Local, other: Nothing) -> Any:
        return Local

    assert annotations_of(made) == {"one": Local, "other": Any, "return": Any}
