"""Modules that are loaded later are there for those who ask for something in them."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from types import ModuleType

import pytest

from flowrun.cli.put_off import put_off_modules


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """What stands for `secrets` in a process that has not loaded it."""
    monkeypatch.setitem(sys.modules, "secrets", sys)
    monkeypatch.delitem(sys.modules, "secrets")
    put_off_modules()
    return sys.modules["secrets"]


def test_the_module_takes_its_place_when_it_is_needed(stand_in: ModuleType) -> None:
    """Whoever has imported the stand-in before uses the module all the same."""
    from secrets import token_hex

    assert len(token_hex(4)) == 8
    assert sys.modules["secrets"] is not stand_in
    assert stand_in.token_hex is token_hex
    assert "compare_digest" in dir(stand_in)


def test_what_the_module_does_not_have_is_no_attribute(stand_in: ModuleType) -> None:
    with pytest.raises(AttributeError):
        stand_in.nothing_of_this_name
    assert not hasattr(stand_in, "__path__")


def test_a_module_that_is_loaded_stays(stand_in: ModuleType) -> None:
    import secrets

    assert secrets.token_hex(1)
    loaded = sys.modules["secrets"]

    put_off_modules()

    assert sys.modules["secrets"] is loaded


def test_who_asks_whether_the_module_is_there_does_not_load_it(stand_in: ModuleType) -> None:
    spec = find_spec("secrets")

    assert spec is not None
    assert spec.origin is not None
    assert sys.modules["secrets"] is stand_in
