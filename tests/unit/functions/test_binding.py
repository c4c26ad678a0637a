"""Methods as tasks: of classes by themselves, of objects when they are bound. AS-06"""

from __future__ import annotations

from typing import Any

import pytest

from flowrun.task import bind, task, task_of, tasks


class Shelf:
    def __init__(self, height: int) -> None:
        self.height = height

    @task
    def sh_store(self, more: int = 0) -> int:
        return self.height + more

    @task("sh_kind")
    @classmethod
    def kind(cls) -> str:
        return cls.__name__

    @classmethod
    @task
    def sh_kind_too(cls) -> str:
        return cls.__name__

    @task
    @staticmethod
    def sh_add(one: int, other: int) -> int:
        return one + other

    @staticmethod
    @task
    def sh_add_too(one: int, other: int) -> int:
        return one + other


class LowShelf(Shelf):
    @task
    def sh_reach(self) -> int:
        return self.height - 1


def named(name: str) -> Any:
    (entry,) = tasks.candidates(name)
    return entry.cls


def test_class_methods_and_static_methods_need_no_object() -> None:
    """Whichever decorator stands on top. AS-06"""
    assert named("sh_kind")().run() == named("sh_kind_too")().run() == "Shelf"
    assert named("sh_add")(one=1, other=2).run() == named("sh_add_too")(one=1, other=2).run() == 3
    assert Shelf.kind() == "Shelf"
    assert Shelf.sh_add(1, 2) == 3


def test_a_method_needs_an_object() -> None:
    """The message says how to give it one. AS-06"""
    with pytest.raises(TypeError, match=r"`Shelf.sh_store` is a method and needs an object.*bind\(Shelf\(\.\.\.\)\)"):
        task_of(Shelf.sh_store)


def test_the_method_of_an_object_is_a_task_at_once() -> None:
    """Without being registered."""
    assert task_of(Shelf(3).sh_store)(more=1).run() == 4


def test_bound_methods_are_called_on_their_object() -> None:
    """Inherited ones too; with a prefix, those of several objects stand side by side. AS-06"""
    assert bind(LowShelf(5), "low.") == ["low.sh_reach", "low.sh_store"]
    assert bind(Shelf(7), "high.") == ["high.sh_store"]
    assert (named("low.sh_store")(more=1).run(), named("high.sh_store")(more=1).run()) == (6, 8)
    assert named("low.sh_reach")().run() == 4


def test_two_objects_of_one_name_are_refused() -> None:
    """Nobody could tell which is meant. AS-06"""
    bind(Shelf(1), "twice.")

    with pytest.raises(ValueError, match=r"`twice.sh_store` is bound to another object already.*prefix='shelf\.'"):
        bind(Shelf(2), "twice.")


def test_an_object_without_such_methods_is_refused() -> None:
    """It was surely meant to have some."""
    with pytest.raises(TypeError, match="no method of int has `@task`"):
        bind(3)
