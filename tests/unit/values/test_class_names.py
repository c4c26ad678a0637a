"""Classes are named so that they are found again, and finding one runs no code."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Generic, Optional, TypeVar

import pytest
from pydantic import BaseModel

from flowrun.values.class_names import name_of, named

T = TypeVar("T")
U = TypeVar("U")
HERE = __name__


class Outer:
    class Inner:
        pass


class Order(BaseModel):
    number: int


class Pair(BaseModel, Generic[T, U]):
    first: T
    second: U


class Trap:
    """Looks like a generic class."""

    calls = 0

    def __class_getitem__(cls, _parameters: Any) -> type[Any]:
        cls.calls += 1
        return cls


def made_here() -> list[Any]:
    """Pydantic gives classes that are made in a function no name of their own."""
    return [
        Pair[int, Order],
        Pair[list[Order], dict[str, int | None]],
        Pair[Pair[int, str], set[int]],
        Pair[Optional[int], None],  # noqa: UP045
    ]


@pytest.mark.parametrize("cls", [Outer.Inner, Order, *made_here()], ids=str)
def test_a_class_is_found_by_its_name(cls: Any) -> None:
    """Inner classes and those that are made of generic ones too."""
    name = name_of(cls)

    assert name.startswith(HERE)
    assert name_of(named(name)) == name
    assert named(name).__qualname__ == cls.__qualname__


def test_a_class_that_cannot_be_found_has_no_name() -> None:
    """Local classes, and those whose name means something else by now."""

    class Local(BaseModel):
        pass

    Hidden = type("Order", (), {"__module__": HERE})

    assert name_of(Local) == ""
    assert name_of(Hidden) == ""
    assert name_of(Pair[int, Local]) == ""


@pytest.mark.parametrize(
    "name",
    [
        f"{HERE}:Trap[builtins:int]",
        f"{HERE}:Pair[{HERE}:Trap[builtins:int],builtins:int]",
        f"{HERE}:Gone",
        f"{HERE}:Pair[",
        f"{HERE}:Pair[]",
        f"{HERE}:Pair[builtins:int",
        f"{HERE}:made_here[builtins:int]",
        "os:getcwd",
        ":",
        "",
        "[",
        "builtins:list[os:gone]",
    ],
)
def test_a_planted_name_runs_no_code(name: str) -> None:
    """X-FM-21: nothing is imported, and no class of a module is asked for another one."""
    found = named(name)

    assert found is None or not (isinstance(found, type) and found.__module__ == HERE)
    assert Trap.calls == 0


def test_a_module_that_is_not_imported_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what is there under its name may be anything."""
    monkeypatch.setitem(sys.modules, "strange", ModuleType("strange"))

    assert named("antigravity:fly") is None
    assert named("strange:A.b.c") is None
    assert "antigravity" not in sys.modules
