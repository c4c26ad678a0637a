"""Source: the files in which a task class is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any


def source_files(variant: type[Any]) -> list[str]:
    """The files of the class or function, and of the classes that it extends, without flowrun's own.

    Modules that these import are not among them, and what was typed in at a prompt has no file.
    """
    return [file for file in dict.fromkeys(_files(variant)) if os.path.isfile(file)]


def _files(variant: type[Any]) -> Iterator[str]:
    function = vars(variant).get("__function__")
    if function is not None:
        yield function.source.file
        return
    for cls in variant.__mro__:
        top = cls.__module__.partition(".")[0]
        if top in _NOT_THE_USERS:
            continue
        file = getattr(sys.modules.get(cls.__module__), "__file__", None)
        if file is not None:
            yield file


_NOT_THE_USERS = frozenset({"flowrun", "pydantic", *sys.stdlib_module_names})
