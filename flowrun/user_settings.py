"""UserSettings: what a user of this machine has set for all jobs."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NoReturn

from .errors import definition_error
from .problem import Place, Problem

_VARIABLE = "FLOWRUN_CONFIG"
_TABLES = ("pools",)
_MOST_SLOTS = 1000


class UserSettings:
    """What a user of this machine has set for all jobs. The file is read when it is first needed.

    Raises DefinitionError if it cannot be read, or has a mistake.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    @cached_property
    def file(self) -> str:
        """The file: `FLOWRUN_CONFIG`, or `flowrun/config.toml` in the user's directory of configurations."""
        if given := self._environ.get(_VARIABLE, ""):
            return os.path.abspath(given)
        directory = self._environ.get("XDG_CONFIG_HOME", "")
        if not os.path.isabs(directory):
            directory = os.path.join(os.path.expanduser("~"), ".config")
        return os.path.join(directory, "flowrun", "config.toml")

    @cached_property
    def pools(self) -> dict[str, int]:
        """The slots of the pools that all jobs on this machine share, by name."""
        text, settings = self._read()
        for name in settings:
            if name not in _TABLES:
                self._refuse(f"unknown table `{name}`", _line_of(text, name), "there is only `[pools]`")
        pools = settings.get("pools", {})
        if not isinstance(pools, dict):
            self._refuse("`pools` is no table", _line_of(text, "pools"), "write `[pools]` and below it `warehouse = 4`")
        for name, slots in pools.items():
            if isinstance(slots, bool) or not isinstance(slots, int) or not 1 <= slots <= _MOST_SLOTS:
                wanted = f"a number of slots from 1 to {_MOST_SLOTS}, as in `{name} = 4`"
                self._refuse(f"pool `{name}` needs {wanted}, found {slots!r}", _line_of(text, name))
        return dict(pools)

    def _read(self) -> tuple[str, dict[str, Any]]:
        import tomllib

        try:
            with open(self.file, encoding="utf-8") as stream:
                text = stream.read()
            return text, tomllib.loads(text)
        except FileNotFoundError:
            if self._environ.get(_VARIABLE):
                self._refuse(f"there is no such file, and {_VARIABLE} names it")
            return "", {}
        except OSError as error:
            self._refuse(f"it cannot be read: {error.strerror}")
        except UnicodeDecodeError:
            self._refuse("it is not in UTF-8")
        except tomllib.TOMLDecodeError as error:
            message, _, place = str(error).partition(" (at ")
            line = re.match(r"line (\d+)", place)
            self._refuse(f"it is no TOML: {message}", int(line[1]) if line else text.count("\n") + 1)

    def _refuse(self, message: str, line: int = 0, *notes: str) -> NoReturn:
        raise definition_error([Problem("FR414", message, Place(self.file, line), notes=notes)])


def _line_of(text: str, name: str) -> int:
    """The line in which a key or table is written; 0 if it is written in another way."""
    written = re.compile(rf"""\s*\[?\s*["']?{re.escape(name)}["']?\s*[=\].]""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if written.match(line)), 0)
