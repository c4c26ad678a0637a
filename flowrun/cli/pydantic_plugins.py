"""Plugins of Pydantic: looked for by Pydantic itself only where there may be any."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any

_LOADER = "pydantic.plugin._loader"
_GROUP = b"[pydantic]"


def spare_the_search() -> None:
    """Keep Pydantic from loading what it needs to search every distribution for plugins: that is a tenth of a start.

    Where one is installed, or may be, nothing is changed. Only for a process that is the runner's own.
    """
    if _LOADER not in sys.modules and not _others_know_distributions() and not any(map(_may_have_one, sys.path)):
        sys.modules[_LOADER] = _NoPlugins(_LOADER)


class _NoPlugins(ModuleType):
    """Stands for the loader of plugins."""

    def get_plugins(self) -> tuple[()]:
        return ()

    def __getattr__(self, name: str) -> Any:
        """What another version of Pydantic may ask for is in the loader itself."""
        if name.startswith("__"):
            raise AttributeError(name)
        sys.modules.pop(_LOADER, None)
        return getattr(import_module(_LOADER), name)


def _others_know_distributions() -> bool:
    return any(hasattr(finder, "find_distributions") and finder is not PathFinder for finder in sys.meta_path)


def _may_have_one(place: str) -> bool:
    """A distribution in a directory of `sys.path` brings a plugin, or it cannot be told."""
    try:
        with os.scandir(place or os.curdir) as entries:
            return any(_is_one(entry) for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return os.path.isfile(place)  # an archive


def _is_one(entry: os.DirEntry[str]) -> bool:
    if entry.name.endswith((".egg", ".egg-link")):
        return True
    if not entry.name.endswith((".dist-info", ".egg-info")):
        return False
    try:
        with open(os.path.join(entry.path, "entry_points.txt"), "rb") as file:
            return _GROUP in file.read()
    except OSError:
        return False
