"""By which a new interpreter finds the classes of a job again."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from flowrun.executors.executor import Workplace
from flowrun.executors.new_starter import address_of, addresses_of_own, launch_anew
from flowrun.functions.function import Function
from flowrun.starting import variant_at
from flowrun.task import Task, task, task_of


class Load(Task):
    def run(self) -> None: ...


def plain() -> int:
    return 1


@task("ns_declared")
def declared() -> int:
    return 2


class Shop:
    def title(self) -> str:
        return "shop"


def made_inside() -> type[Any]:
    class Inner(Task):
        def run(self) -> None: ...

    return Inner


PLAIN = Function(plain, Task).variant


def test_classes_and_functions_of_a_module_are_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])

    assert variant_at(*address_of(Load)) is Load
    assert variant_at(*address_of(PLAIN))().run() == 1
    assert variant_at(*address_of(task_of(declared)))().run() == 2


@pytest.mark.parametrize(
    "cls",
    [
        made_inside(),
        Function(lambda: 1, Task, "one").variant,
        Function(Shop.title, Task, "title", {}, Shop().title).variant,
    ],
    ids=["class in a function", "lambda", "method of an object"],
)
def test_what_belongs_to_a_moment_is_not(cls: type[Any], tmp_path: Any) -> None:
    assert address_of(cls) == ("", "")
    assert launch_anew(Workplace(tmp_path, variants={"it": cls})) is None


def test_what_is_registered_is_found_by_its_name(tmp_path: Any) -> None:
    variants = {"plain": PLAIN, "ns_declared": task_of(declared)}

    assert list(addresses_of_own(Workplace(tmp_path, variants=variants))) == ["plain"]
