"""Modules of the standard library that are loaded when something in them is asked for, and not before."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any

_PUT_OFF = ("secrets",)
"""Pydantic imports it for a comparison that few programs make; with it come OpenSSL and random numbers, for 3 ms."""


def put_off_modules() -> None:
    """Have them loaded later. Only for a process that is the runner's own."""
    for name in _PUT_OFF:
        if name not in sys.modules:
            later = sys.modules[name] = _Later(name)
            later.__spec__ = PathFinder.find_spec(name)  # for those who only ask whether it is there


class _Later(ModuleType):
    """Stands for a module until it is needed."""

    def __getattr__(self, name: str) -> Any:
        """What somebody asks for is in the module itself, which takes its place."""
        if name.startswith("__") and name not in ("__all__", "__file__"):
            raise AttributeError(name)
        own = self.__name__
        if sys.modules.get(own) is self:
            del sys.modules[own]
        return getattr(import_module(own), name)

    def __dir__(self) -> list[str]:
        """The names in the module itself."""
        return list(self.__all__)
